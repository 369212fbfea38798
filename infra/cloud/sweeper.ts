import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Environment } from '../environments.ts';
import type { Records } from './records.ts';
import { ServiceFunction } from './service-function.ts';

/** Sends what is due again, every minute: the shortest rate that EventBridge has. */
export class Sweeper extends Construct {
  constructor(
    scope: Construct,
    parts: {
      environment: Environment;
      records: Records;
      imports: IQueue;
      bulkImports: IQueue;
      code: (name: string) => Code;
    },
  ) {
    super(scope, 'sweeping');
    const sweeper = new ServiceFunction(this, 'sweeper', {
      code: parts.code,
      environment: parts.environment,
      // Less than the minute until the next sweep begins.
      timeoutSeconds: 50,
      memoryMiB: 512,
      variables: {
        IMPORTS_TABLE: parts.records.importProcesses.tableName,
        REGISTRY_TABLE: parts.records.registry.tableName,
        IMPORTS_QUEUE_URL: parts.imports.queueUrl,
        BULK_IMPORTS_QUEUE_URL: parts.bulkImports.queueUrl,
      },
    });
    parts.records.importProcesses.grant(sweeper, 'dynamodb:Query', 'dynamodb:UpdateItem');
    parts.records.registry.grant(sweeper, 'dynamodb:Query');
    parts.imports.grant(sweeper, 'sqs:SendMessage');
    parts.bulkImports.grant(sweeper, 'sqs:SendMessage');

    new Rule(this, 'every-minute', {
      description: 'Sends imports that are due again',
      schedule: Schedule.rate(Duration.minutes(1)),
      // A sweep that failed is made good by the next one.
      targets: [new LambdaFunction(sweeper, { retryAttempts: 0 })],
    });
  }
}
