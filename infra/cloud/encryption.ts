import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { TableEncryption, type TableProps } from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BucketEncryption, type BucketProps } from 'aws-cdk-lib/aws-s3';
import { QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Environment } from '../environments.ts';

/** What reads and writes of data need. */
const USE = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'];

/** What everything that keeps data is encrypted with: the environment's own key where it asks for one, AWS's otherwise. */
export class Encryption extends Construct {
  readonly key: Key | undefined;

  constructor(scope: Construct, environment: Environment) {
    super(scope, 'encryption');
    if (!environment.hasCustomerKey) return;
    this.key = new Key(this, 'key', {
      description: `Supply Point Import, ${environment.name}`,
      alias: Stack.of(this).stackName,
      enableKeyRotation: true,
      removalPolicy: environment.isProtected ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    for (const statement of this.#statements()) this.key.addToResourcePolicy(statement);
  }

  get tables(): Pick<TableProps, 'encryption' | 'encryptionKey'> {
    if (this.key === undefined) return { encryption: TableEncryption.DEFAULT };
    return { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey: this.key };
  }

  get queues(): Pick<QueueProps, 'encryption' | 'encryptionMasterKey'> {
    if (this.key === undefined) return { encryption: QueueEncryption.SQS_MANAGED };
    return { encryption: QueueEncryption.KMS, encryptionMasterKey: this.key };
  }

  get buckets(): Pick<BucketProps, 'encryption' | 'encryptionKey' | 'bucketKeyEnabled'> {
    if (this.key === undefined) return { encryption: BucketEncryption.S3_MANAGED };
    // A bucket key: one call to KMS for many objects rather than one for each.
    return { encryption: BucketEncryption.KMS, encryptionKey: this.key, bucketKeyEnabled: true };
  }

  /** For log groups and topics. */
  get ownKey(): { encryptionKey?: Key } {
    return this.key === undefined ? {} : { encryptionKey: this.key };
  }

  #statements(): PolicyStatement[] {
    const { account, region, partition, stackName } = Stack.of(this);
    return [
      // As AWS's own keys do it: who may use a table, a queue or an object may use the key through it, and in no other way.
      new PolicyStatement({
        sid: 'ThroughTheServicesThatKeepData',
        actions: USE,
        principals: [new AnyPrincipal()],
        resources: ['*'],
        conditions: {
          StringEquals: {
            'kms:CallerAccount': account,
            'kms:ViaService': ['dynamodb', 's3', 'sqs'].map(
              (service) => `${service}.${region}.amazonaws.com`,
            ),
          },
        },
      }),
      new PolicyStatement({
        sid: 'LogsOfThisEnvironment',
        actions: USE,
        principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
        resources: ['*'],
        conditions: {
          ArnLike: {
            'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:${stackName}-*`,
          },
        },
      }),
      // S3 tells a queue of what was dropped; CloudWatch tells a topic of alarms.
      new PolicyStatement({
        sid: 'NotificationsOfThisAccount',
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        principals: [
          new ServicePrincipal('s3.amazonaws.com'),
          new ServicePrincipal('cloudwatch.amazonaws.com'),
        ],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    ];
  }
}
