import middy from '@middy/core';
import type { Context, ScheduledEvent } from 'aws-lambda';
import { dynamoDB, sqs } from '../shared/aws/clients.ts';
import { deferredTasks } from '../shared/drops/deferred-tasks.ts';
import { dropQueue } from '../shared/drops/queue.ts';
import { sendDueTasks } from '../shared/drops/send-due-tasks.ts';
import { importIndex } from '../shared/imports/storage/import-index.ts';
import { importQueue } from '../shared/imports/storage/queue.ts';
import { sweptRecords } from '../shared/imports/storage/swept-records.ts';
import { type SweepCounts, sweepImports } from '../shared/imports/use-cases/sweep-imports.ts';
import { registry } from '../shared/suppliers/registry.ts';
import { log } from './edge/log.ts';
import { lifetimeSetting, setting } from './edge/settings.ts';

const client = dynamoDB();
const queues = sqs();
const sweep = sweepImports({
  index: importIndex(client, setting('IMPORTS_TABLE'), lifetimeSetting('PERSONAL_DATA_DAYS')),
  records: sweptRecords(client, setting('IMPORTS_TABLE')),
  queues: {
    endpoint: importQueue(queues, setting('IMPORTS_QUEUE_URL')),
    bulk: importQueue(queues, setting('BULK_IMPORTS_QUEUE_URL')),
  },
  suppliers: registry(client, setting('REGISTRY_TABLE')),
});

const sendTasks = sendDueTasks({
  deferred: deferredTasks(client, setting('DROPS_TABLE')),
  queue: dropQueue(queues, setting('DROP_TASKS_QUEUE_URL')),
});

/** Runs every minute. Enqueues due imports, imports whose message is overdue, and deferred tasks of drops. */
export const handler = middy<ScheduledEvent, SweepCounts & { tasks: number }, Error, Context>()
  .use({ before: ({ context }) => log.addContext(context) })
  .handler(async () => {
    const now = Date.now();
    // The two run concurrently, and a failure of one does not stop the other.
    const [imports, tasks] = await Promise.allSettled([sweep(now), sendTasks(now)]);
    if (imports.status === 'rejected') throw imports.reason;
    if (tasks.status === 'rejected') throw tasks.reason;
    const swept = { ...imports.value, ...tasks.value };
    if (swept.sent + swept.cleared + swept.tasks > 0) log.info('due again and sent', swept);
    return swept;
  });
