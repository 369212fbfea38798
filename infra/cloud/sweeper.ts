import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DUE_TASKS_INDEX } from '../../shared/drops/deferred-tasks.ts';
import { DUE_INDEX, LISTING_INDEX } from '../../shared/imports/storage/import-index.ts';
import type { DropBox } from './drop-box.ts';
import { grantItems, grantKinds, grantQuery } from './grants.ts';
import type { Records } from './records.ts';
import { type FunctionDefaults, ServiceFunction } from './service-function.ts';

/** The sweeper, which enqueues due imports and tasks every minute, the shortest rate of EventBridge. */
export class Sweeper extends Construct {
  readonly sweeper: ServiceFunction;

  constructor(
    scope: Construct,
    {
      records,
      imports,
      bulkImports,
      dropBox,
      dropTasks,
      ...defaults
    }: FunctionDefaults & {
      records: Records;
      imports: IQueue;
      bulkImports: IQueue;
      dropBox: DropBox;
      dropTasks: IQueue;
    },
  ) {
    super(scope, 'sweeping');
    const sweeper = new ServiceFunction(this, 'sweeper', {
      ...defaults,
      // Shorter than the interval between sweeps.
      timeoutSeconds: 50,
      memoryMiB: 512,
      variables: {
        IMPORTS_TABLE: records.importProcesses.tableName,
        REGISTRY_TABLE: records.registry.tableName,
        IMPORTS_QUEUE_URL: imports.queueUrl,
        BULK_IMPORTS_QUEUE_URL: bulkImports.queueUrl,
        DROPS_TABLE: dropBox.drops.tableName,
        DROP_TASKS_QUEUE_URL: dropTasks.queueUrl,
      },
    });
    grantQuery(records.importProcesses, sweeper, DUE_INDEX, LISTING_INDEX);
    grantItems(records.importProcesses, sweeper, 'BatchGetItem', 'UpdateItem');
    grantKinds(records.registry, sweeper, ['suppliers'], 'Query');
    grantQuery(dropBox.drops, sweeper, DUE_TASKS_INDEX);
    grantItems(dropBox.drops, sweeper, 'DeleteItem');
    for (const queue of [imports, bulkImports, dropTasks]) queue.grant(sweeper, 'sqs:SendMessage');

    this.sweeper = sweeper;

    new Rule(this, 'every-minute', {
      description: 'Sends imports and tasks of drops that are due',
      schedule: Schedule.rate(Duration.minutes(1)),
      // The next sweep repeats the work of a failed one.
      targets: [new LambdaFunction(sweeper.live, { retryAttempts: 0 })],
    });
  }
}
