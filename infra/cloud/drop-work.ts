import type { EventBus } from 'aws-cdk-lib/aws-events';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DROPS_PREFIX, PARTS_PREFIX, REPORTS_PREFIX } from '../../shared/drops/drop.ts';
import { type DropBox, dropRecordVariables, PLANNER_TIMEOUT_SECONDS } from './drop-box.ts';
import { grantItems, grantKinds } from './grants.ts';
import { BATCH_MESSAGES_MAX } from './limits.ts';
import { serviceQueue } from './queues.ts';
import type { Records } from './records.ts';
import { type FunctionDefaults, ServiceFunction } from './service-function.ts';

/** More than for other messages: reading a part is idempotent, and a large file must not fail because of five transient errors. */
const PART_DELIVERIES_MAX = 10;
/** The minimum of an event source's concurrency in Lambda. */
const PLANNERS_MAX = 2;

type DropWorkProps = FunctionDefaults & {
  records: Records;
  dropBox: DropBox;
  bulkImports: IQueue;
  outcomes: EventBus;
};

/** The functions and queues that plan drops, read them part by part, and finish those that cannot be read. */
export class DropWork extends Construct {
  readonly tasks: Queue;
  readonly deadTasks: Queue;
  readonly reader: ServiceFunction;

  constructor(scope: Construct, props: DropWorkProps) {
    super(scope, 'drop-work');
    const { encryption, environment } = props;
    this.deadTasks = serviceQueue(this, 'drop-tasks-dead-letter', {
      encryption,
      consumerTimeoutSeconds: PLANNER_TIMEOUT_SECONDS,
    });
    this.tasks = serviceQueue(this, 'drop-tasks', {
      encryption,
      consumerTimeoutSeconds: environment.drops.readerTimeoutSeconds,
      deadLetterQueue: { queue: this.deadTasks, maxReceiveCount: PART_DELIVERIES_MAX },
    });
    this.#planner(props);
    this.reader = this.#reader(props);
    this.#deadLetter(props);
  }

  #planner({ records, dropBox, ...defaults }: DropWorkProps): void {
    const planner = new ServiceFunction(this, 'drop-planner', {
      ...defaults,
      timeoutSeconds: PLANNER_TIMEOUT_SECONDS,
      memoryMiB: 512,
      variables: {
        DROPS_TABLE: dropBox.drops.tableName,
        ...dropRecordVariables(defaults.environment),
        REGISTRY_TABLE: records.registry.tableName,
        DROP_TASKS_QUEUE_URL: this.tasks.queueUrl,
        RANGE_BYTES: String(Math.ceil(defaults.environment.drops.rangeMiB * 1024 * 1024)),
      },
    });
    planner.addEventSource(
      new SqsEventSource(dropBox.notifications, {
        batchSize: BATCH_MESSAGES_MAX,
        reportBatchItemFailures: true,
        maxConcurrency: PLANNERS_MAX,
      }),
    );
    grantItems(dropBox.drops, planner, 'GetItem', 'PutItem');
    grantKinds(records.registry, planner, ['suppliers'], 'GetItem');
    dropBox.grantList(planner);
    dropBox.grantObjects(planner, 's3:GetObject', DROPS_PREFIX);
    dropBox.grantObjects(planner, 's3:PutObject', REPORTS_PREFIX);
    this.tasks.grant(planner, 'sqs:SendMessage');
  }

  #reader({ records, dropBox, bulkImports, outcomes, ...defaults }: DropWorkProps): ServiceFunction {
    const reader = new ServiceFunction(this, 'drop-reader', {
      ...defaults,
      timeoutSeconds: defaults.environment.drops.readerTimeoutSeconds,
      // One full vCPU (Lambda: at 1,769 MB), because reading and validating is bound by the CPU.
      memoryMiB: 1769,
      variables: {
        DROPS_TABLE: dropBox.drops.tableName,
        ...dropRecordVariables(defaults.environment),
        IMPORTS_TABLE: records.importProcesses.tableName,
        DROP_TASKS_QUEUE_URL: this.tasks.queueUrl,
        BULK_IMPORTS_QUEUE_URL: bulkImports.queueUrl,
        OUTCOMES_BUS: outcomes.eventBusName,
        STREAM_PART_ROWS: String(defaults.environment.drops.streamPartRows),
        TIME_ZONE: defaults.environment.timeZone,
        // Limits V8's young generation, which otherwise takes most of a reader's memory with rows of past batches.
        NODE_OPTIONS: '--max-semi-space-size=16',
      },
    });
    // One task per invocation, with the function's whole timeout and memory.
    reader.addEventSource(
      new SqsEventSource(this.tasks, {
        batchSize: 1,
        reportBatchItemFailures: true,
        maxConcurrency: defaults.environment.drops.readersMax,
      }),
    );
    grantItems(dropBox.drops, reader, 'GetItem', 'PutItem', 'Query', 'UpdateItem');
    grantItems(records.importProcesses, reader, 'BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem');
    // The events of imports that it cancels with their drop.
    outcomes.grantPutEventsTo(reader);
    dropBox.grantList(reader);
    dropBox.grantObjects(reader, 's3:GetObject', DROPS_PREFIX, PARTS_PREFIX, REPORTS_PREFIX);
    dropBox.grantObjects(reader, 's3:PutObject', PARTS_PREFIX, REPORTS_PREFIX);
    this.tasks.grant(reader, 'sqs:SendMessage');
    bulkImports.grant(reader, 'sqs:SendMessage');
    return reader;
  }

  #deadLetter({ dropBox, ...defaults }: DropWorkProps): void {
    const deadLetter = new ServiceFunction(this, 'drop-dead-letter', {
      ...defaults,
      timeoutSeconds: PLANNER_TIMEOUT_SECONDS,
      memoryMiB: 512,
      variables: {
        DROPS_TABLE: dropBox.drops.tableName,
        ...dropRecordVariables(defaults.environment),
        DROP_TASKS_QUEUE_URL: this.tasks.queueUrl,
      },
    });
    for (const queue of [this.deadTasks, dropBox.deadNotifications]) {
      deadLetter.addEventSource(
        new SqsEventSource(queue, { batchSize: 1, reportBatchItemFailures: true, maxConcurrency: 2 }),
      );
    }
    grantItems(dropBox.drops, deadLetter, 'GetItem', 'PutItem', 'UpdateItem');
    dropBox.grantList(deadLetter);
    dropBox.grantObjects(deadLetter, 's3:GetObject', DROPS_PREFIX, REPORTS_PREFIX);
    dropBox.grantObjects(deadLetter, 's3:PutObject', REPORTS_PREFIX);
    this.tasks.grant(deadLetter, 'sqs:SendMessage');
  }
}
