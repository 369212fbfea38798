import { Stack } from 'aws-cdk-lib';
import { TableEncryption, type TableProps } from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BucketEncryption, type BucketProps } from 'aws-cdk-lib/aws-s3';
import { QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Environment } from '../environment.ts';
import type { DataProtection } from './data-protection.ts';

/** KMS actions that reading and writing encrypted data needs. */
const USE_ACTIONS = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey*',
  'kms:ReEncrypt*',
];

/** The encryption of tables, queues, buckets, logs and topics: with a customer-managed key if `hasCustomerKey`, otherwise with AWS's keys. */
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
    // With a bucket key S3 calls KMS once for many objects.
    return { encryption: BucketEncryption.KMS, encryptionKey: this.key, bucketKeyEnabled: true };
  }

  /** For log groups and topics. */
  get ownKey(): { encryptionKey?: Key } {
    return this.key === undefined ? {} : { encryptionKey: this.key };
  }

  #statements(): PolicyStatement[] {
    const { account, region, partition, stackName } = Stack.of(this);
    return [
      // As with AWS managed keys: a principal may use the key only through a service whose data it may access.
      new PolicyStatement({
        sid: 'ThroughTheServicesThatKeepData',
        actions: USE_ACTIONS,
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
        actions: USE_ACTIONS,
        principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
        resources: ['*'],
        conditions: {
          ArnLike: {
            'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:${stackName}-*`,
          },
        },
      }),
      // The guide's statement for an encrypted destination queue. It has no conditions: none is documented for these calls, and S3 drops
      // notifications silently if one does not match. The queue's policy limits the senders (source: S3, "Granting permissions to
      // publish event notification messages to a destination", "AWS KMS key policy").
      new PolicyStatement({
        sid: 'DropNotifications',
        actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
        principals: [new ServicePrincipal('s3.amazonaws.com')],
        resources: ['*'],
      }),
      // The same for alarms and their encrypted topic, whose policy limits the publishers (source: SNS, "Enable compatibility between
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
