import { NestedStack } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { DUE_TASKS_INDEX } from '../../shared/drops/deferred-tasks.ts';
import { DROPS_INDEX } from '../../shared/drops/store.ts';
import { DUE_INDEX, LISTING_INDEX } from '../../shared/imports/storage/import-index.ts';
import { bundledCode } from './bundles.ts';
import type { DropBox } from './drop-box.ts';
import { DropWork } from './drop-work.ts';
import { ImportApi } from './import-api.ts';
import { ImportWork } from './import-work.ts';
import { Operations } from './operations/operations.ts';
import type { MonitoredResources } from './operations/signals.ts';
import type { Records } from './records.ts';
import type { FunctionDefaults } from './service-function.ts';
import { Sweeper } from './sweeper.ts';

type ServiceProps = Omit<FunctionDefaults, 'code'> & {
  records: Records;
  dropBox: DropBox;
  outcomes: EventBus;
};

/** The nested stack of all stateless resources: API, functions, queues of work and alarms. */
export class Service extends NestedStack {
  readonly url: string;
  readonly imports: IQueue;
  readonly bulkImports: IQueue;
  readonly alarms: ITopic;

  constructor(scope: Construct, { environment, encryption, records, dropBox, outcomes }: ServiceProps) {
    super(scope, 'service');
    const defaults = { environment, encryption, code: bundledCode(this) };
    const props = { ...defaults, records, outcomes };
    const work = new ImportWork(this, { ...props, dropBox });
    const dropWork = new DropWork(this, { ...props, dropBox, bulkImports: work.bulkQueue });
    const api = new ImportApi(this, {
      ...props,
      imports: work.queue,
      dropBox,
      dropTasks: dropWork.tasks,
    });
    const sweeping = new Sweeper(this, {
      ...defaults,
      records,
      imports: work.queue,
      bulkImports: work.bulkQueue,
      dropBox,
      dropTasks: dropWork.tasks,
    });
    const monitored: MonitoredResources = {
      environment,
      api: api.api,
      functions: [...api.migrationFunctions, work.worker, dropWork.reader, sweeping.sweeper],
      sweeper: sweeping.sweeper,
      worker: work.worker,
      reader: dropWork.reader,
      tables: [records.importProcesses, records.supplyPoints, records.registry, dropBox.drops],
      indexes: [
        { table: records.importProcesses, name: LISTING_INDEX },
        { table: records.importProcesses, name: DUE_INDEX },
        { table: dropBox.drops, name: DUE_TASKS_INDEX },
        { table: dropBox.drops, name: DROPS_INDEX },
      ],
      queues: {
        imports: work.queue,
        bulkImports: work.bulkQueue,
        dropNotifications: dropBox.notifications,
        dropTasks: dropWork.tasks,
      },
      deadLetters: { imports: work.deadLetters, drops: [dropWork.deadTasks, dropBox.deadNotifications] },
    };
    this.alarms = new Operations(this, monitored, encryption).topic;
    this.imports = work.queue;
    this.bulkImports = work.bulkQueue;
    this.url = api.api.address;
  }
}
