import type { EventBus } from 'aws-cdk-lib/aws-events';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type DropBox, dropRecordVariables } from './drop-box.ts';
import { grantItems, grantKinds } from './grants.ts';
import { BATCH_MESSAGES_MAX, IMPORT_DELIVERIES_MAX } from './limits.ts';
import { serviceQueue } from './queues.ts';
import { personalDataVariables, type Records } from './records.ts';
import { type FunctionDefaults, ServiceFunction } from './service-function.ts';

/** A batch of ten imports takes less than a second. The rest is for retries of slow calls. */
const WORKER_TIMEOUT_SECONDS = 10;
/** A lease outlasts the invocation that holds it. The margin is for clock skew. A redelivery comes later and can take over. */
const LEASE_SECONDS = WORKER_TIMEOUT_SECONDS + 10;

/** The queues of imports, the worker that creates supply points, and the dead-letter queue with its function. */
export class ImportWork extends Construct {
  /** Imports that were submitted over the API. */
  readonly queue: IQueue;
  /** Imports from drops. */
  readonly bulkQueue: IQueue;
  readonly deadLetters: IQueue;
  readonly worker: ServiceFunction;

  constructor(
    scope: Construct,
    {
      records,
      dropBox,
      outcomes,
      ...defaults
    }: FunctionDefaults & { records: Records; dropBox: DropBox; outcomes: EventBus },
  ) {
    super(scope, 'import-work');
    const { environment, encryption } = defaults;
    const queueSettings = { encryption, consumerTimeoutSeconds: WORKER_TIMEOUT_SECONDS };
    const deadLetters = serviceQueue(this, 'imports-dead-letter', queueSettings);
    this.deadLetters = deadLetters;
    const deadLetterQueue = { queue: deadLetters, maxReceiveCount: IMPORT_DELIVERIES_MAX };
    this.queue = serviceQueue(this, 'imports', { ...queueSettings, deadLetterQueue });
    this.bulkQueue = serviceQueue(this, 'bulk-imports', { ...queueSettings, deadLetterQueue });

    const settings = { ...defaults, timeoutSeconds: WORKER_TIMEOUT_SECONDS, memoryMiB: 512 };
    const tables = {
      IMPORTS_TABLE: records.importProcesses.tableName,
      SUPPLY_POINTS_TABLE: records.supplyPoints.tableName,
      OUTCOMES_BUS: outcomes.eventBusName,
      ...personalDataVariables(environment),
    };
    const batches = { batchSize: BATCH_MESSAGES_MAX, reportBatchItemFailures: true };

    const worker = new ServiceFunction(this, 'worker', {
      ...settings,
      variables: {
        ...tables,
        REGISTRY_TABLE: records.registry.tableName,
        DROPS_TABLE: dropBox.drops.tableName,
        ...dropRecordVariables(environment),
        LEASE_SECONDS: String(LEASE_SECONDS),
        // The worker delays an import for the scenario of a slow import by sending its message again.
        ...(environment.scenariosAllowed && {
          SCENARIOS_ALLOWED: 'true',
          IMPORTS_QUEUE_URL: this.queue.queueUrl,
        }),
      },
    });
    this.worker = worker;
    worker.addEventSource(
      new SqsEventSource(this.queue, { ...batches, maxConcurrency: environment.workerConcurrencyMax }),
    );
    worker.addEventSource(
      new SqsEventSource(this.bulkQueue, { ...batches, maxConcurrency: environment.bulkConcurrencyMax }),
    );
    grantItems(records.importProcesses, worker, 'GetItem', 'UpdateItem');
    grantItems(records.supplyPoints, worker, 'GetItem', 'PutItem');
    grantKinds(records.registry, worker, ['suppliers'], 'GetItem');
    grantItems(dropBox.drops, worker, 'UpdateItem');
    outcomes.grantPutEventsTo(worker);
    if (environment.scenariosAllowed) this.queue.grant(worker, 'sqs:SendMessage');

    const deadLetter = new ServiceFunction(this, 'dead-letter', { ...settings, variables: tables });
    deadLetter.addEventSource(new SqsEventSource(deadLetters, { ...batches, maxConcurrency: 2 }));
    grantItems(records.importProcesses, deadLetter, 'GetItem', 'UpdateItem');
    grantItems(records.supplyPoints, deadLetter, 'GetItem');
    outcomes.grantPutEventsTo(deadLetter);
  }
}
