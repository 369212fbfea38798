import { Duration, Names, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, type CfnBucket, type CorsRule, HttpMethods } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { EXPIRY_ATTRIBUTE } from '../../shared/aws/lifetime.ts';
import { DUE_TASKS_INDEX } from '../../shared/drops/deferred-tasks.ts';
import { DROPS_PREFIX, PARTS_PREFIX, REPORTS_PREFIX } from '../../shared/drops/drop.ts';
import { DROPS_INDEX } from '../../shared/drops/store.ts';
import { type Environment, PART_OUTPUT_RETENTION_DAYS } from '../environment.ts';
import type { DataProtection } from './data-protection.ts';
import type { Encryption } from './encryption.ts';
import { acknowledge } from './findings.ts';
import { DELIVERIES_MAX } from './limits.ts';
import { serviceQueue } from './queues.ts';
import { acknowledgeBackups } from './records.ts';
import type { ServiceFunction } from './service-function.ts';

/** Timeout of the planner, which reads the head of one file and sends at most a thousand messages in batches of ten. */
export const PLANNER_TIMEOUT_SECONDS = 60;

/** The bucket for dropped files and reports, the queue of its notifications, and the table of drops. */
export class DropBox extends Construct {
  readonly bucket: Bucket;
  /** S3's notifications of dropped files. */
  readonly notifications: Queue;
  readonly deadNotifications: Queue;
  readonly drops: Table;

  constructor(
    scope: Construct,
    environment: Environment,
    encryption: Encryption,
    dataProtection: DataProtection,
  ) {
    super(scope, 'drop-box');
    const queueSettings = { encryption, consumerTimeoutSeconds: PLANNER_TIMEOUT_SECONDS };
    this.deadNotifications = serviceQueue(this, 'drops-dead-letter', queueSettings);
    this.notifications = serviceQueue(this, 'drop-notifications', {
      ...queueSettings,
      deadLetterQueue: { queue: this.deadNotifications, maxReceiveCount: DELIVERIES_MAX },
    });
    this.bucket = new Bucket(this, 'drops', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      ...encryption.buckets,
      enforceSSL: true,
      removalPolicy: dataProtection.removalPolicy,
      lifecycleRules: [
        { prefix: PARTS_PREFIX, expiration: Duration.days(PART_OUTPUT_RETENTION_DAYS) },
        ...[DROPS_PREFIX, REPORTS_PREFIX].map((prefix) => ({
          prefix,
          expiration: Duration.days(environment.drops.keptDays),
        })),
        { abortIncompleteMultipartUploadAfter: Duration.days(7) },
      ],
      cors: [this.#corsRule(environment)],
    });
    this.#notify();
    this.drops = new Table(this, 'drop-records', {
      partitionKey: { name: 'id', type: AttributeType.STRING },
      sortKey: { name: 'item', type: AttributeType.STRING },
      timeToLiveAttribute: EXPIRY_ATTRIBUTE,
      ...encryption.tables,
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: environment.pointInTimeRecovery },
      ...dataProtection,
    });
    // Sparse: only deferred tasks have these attributes.
    this.drops.addGlobalSecondaryIndex({
      indexName: DUE_TASKS_INDEX,
      partitionKey: { name: 'due', type: AttributeType.STRING },
      sortKey: { name: 'due_at', type: AttributeType.NUMBER },
    });
    this.drops.addGlobalSecondaryIndex({
      indexName: DROPS_INDEX,
      partitionKey: { name: 'listing', type: AttributeType.STRING },
      sortKey: { name: 'listed_at', type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    this.#acknowledge(environment);
  }

  /** Grants a function one action on the objects under these prefixes. */
  grantObjects(grantee: ServiceFunction, action: string, ...prefixes: string[]): void {
    const bucket = `<referenceto${Names.nodeUniqueId(this.bucket.node.defaultChild!.node)}Arn>`;
    for (const prefix of prefixes) {
      acknowledge(grantee.role!, {
        [`AwsSolutions-IAM5[Resource::${bucket}/${prefix}*]`]:
          'The names of objects are not known before; the folder is what the function is for.',
      });
    }
    const resourceArns = prefixes.map((prefix) => this.bucket.arnForObjects(`${prefix}*`));
    Grant.addToPrincipal({ grantee, actions: [action], resourceArns });
  }

  /** Grants a function `s3:ListBucket`. Without it S3 returns 403 instead of 404 for a missing object. */
  grantList(grantee: IGrantable): void {
    Grant.addToPrincipal({ grantee, actions: ['s3:ListBucket'], resourceArns: [this.bucket.bucketArn] });
  }

  /**
   * Lets pages of the API upload and download with presigned URLs. Without an own domain the API's name is not known here, because the stack
   * of the API refers to this bucket; the rule then names API Gateway's domain in the region. CORS permits nothing by itself: each request
   * needs a signature.
   */
  #corsRule({ domain }: Environment): CorsRule {
    const { region, urlSuffix } = Stack.of(this);
    return {
      allowedOrigins: [`https://${domain?.name ?? `*.execute-api.${region}.${urlSuffix}`}`],
      allowedMethods: [HttpMethods.GET, HttpMethods.PUT, HttpMethods.POST, HttpMethods.DELETE],
      allowedHeaders: ['content-type', 'x-amz-mp-object-size'],
      // Parts of an upload are named by their ETags when it is completed.
      exposedHeaders: ['ETag'],
      maxAge: 3600,
    };
  }

  #acknowledge(environment: Environment): void {
    acknowledgeBackups(this.drops, environment);
    const logging =
      'Who reads and writes objects is for the account’s CloudTrail to log, which also says by which role.';
    acknowledge(this.bucket, {
      'AwsSolutions-S1': logging,
      'NIST.800.53.R5-S3BucketLoggingEnabled': logging,
      'NIST.800.53.R5-S3BucketReplicationEnabled': 'Dropped files are copies of what their sender has.',
      'NIST.800.53.R5-S3BucketVersioningEnabled':
        'Versions would keep personal data after it was deleted; a drop is pinned by its ETag.',
      ...(environment.hasCustomerKey
        ? {}
        : {
            'NIST.800.53.R5-S3DefaultEncryptionKMS':
              'The environment asks for no key of its own; S3 encrypts with AWS’s.',
          }),
    });
  }

  /** Configures the notification on the bucket itself. CDK's `addEventNotification` would need a custom resource with a function. */
  #notify(): void {
    const { account } = Stack.of(this);
    const allowed = this.notifications.addToResourcePolicy(
      new PolicyStatement({
        actions: ['sqs:SendMessage'],
        principals: [new ServicePrincipal('s3.amazonaws.com')],
        resources: [this.notifications.queueArn],
        // The account is the only condition: the bucket's name is generated, and the bucket is created after this policy.
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    );
    const bucket = this.bucket.node.defaultChild as CfnBucket;
    bucket.notificationConfiguration = {
      queueConfigurations: [
        {
          event: 's3:ObjectCreated:*',
          queue: this.notifications.queueArn,
          filter: { s3Key: { rules: [{ name: 'prefix', value: DROPS_PREFIX }] } },
        },
      ],
    };
    this.bucket.node.addDependency(allowed.policyDependable!);
  }
}

/** The retention of drop records, which is that of the files and reports. */
export const dropRecordVariables = ({ drops }: Environment) => ({ DROP_RECORD_DAYS: String(drops.keptDays) });
