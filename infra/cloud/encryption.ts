import { Stack } from 'aws-cdk-lib';
import { TableEncryption, type TableProps } from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BucketEncryption, type BucketProps } from 'aws-cdk-lib/aws-s3';
import { QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Environment } from '../environment.ts';
import type { DataProtection } from './data-protection.ts';

/** What reads and writes of data need. */
const USE = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'];

/** What everything that keeps data is encrypted with: the environment's own key where it asks for one, AWS's otherwise. */
export class Encryption extends Construct {
  readonly key: Key | undefined;

  constructor(scope: Construct, environment: Environment, { removalPolicy }: DataProtection) {
    super(scope, 'encryption');
    if (!environment.hasCustomerKey) return;
    this.key = new Key(this, 'key', {
      description: `Supply Point Import, ${environment.name}`,
      alias: Stack.of(this).stackName,
      enableKeyRotation: true,
      removalPolicy,
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
      // The guide's statement for an encrypted destination queue. It has no conditions: none is documented for these calls, and one that
      // S3 does not fulfil would end every drop unseen. The queue's policy limits who may send (source: S3, "Granting permissions to
      // publish event notification messages to a destination", "AWS KMS key policy").
      new PolicyStatement({
        sid: 'DropNotifications',
        actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
        principals: [new ServicePrincipal('s3.amazonaws.com')],
        resources: ['*'],
      }),
      // The same for alarms and their encrypted topic, whose policy limits who may publish (source: SNS, "Enable compatibility between
      // event sources from AWS services and encrypted topics").
      new PolicyStatement({
        sid: 'AlarmNotifications',
        actions: ['kms:GenerateDataKey*', 'kms:Decrypt'],
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        resources: ['*'],
      }),
    ];
  }
}
