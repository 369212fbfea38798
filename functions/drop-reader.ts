import { adaptiveDynamoDB, dynamoDB, eventBridge, s3, sqs } from '../shared/aws/clients.ts';
import { retryWithBackoff } from '../shared/aws/retry-with-backoff.ts';
import { deferredTasks } from '../shared/drops/deferred-tasks.ts';
import { liveCounts } from '../shared/drops/live-counts.ts';
import { objectStore } from '../shared/drops/objects.ts';
import { dropQueue, readDropTask, readHops } from '../shared/drops/queue.ts';
import { runDropTask } from '../shared/drops/run-task.ts';
import { dropStore } from '../shared/drops/store.ts';
import { chainedQueue } from '../shared/drops/task-chain.ts';
import { outcomeEvents } from '../shared/events/outcome-events.ts';
import { importQueue } from '../shared/imports/storage/queue.ts';
import { importStore } from '../shared/imports/storage/store.ts';
import { cancelImport } from '../shared/imports/use-cases/cancel-import.ts';
import { describeError, log } from './edge/log.ts';
import { dropEnded, importsCancelled, rowsRead } from './edge/metrics.ts';
import { lifetimeSetting, setting } from './edge/settings.ts';
import { RetryLater, sqsBatch } from './edge/sqs-batch.ts';

const client = dynamoDB();
/** A client of its own for import records: its adaptive rate limit must not slow down other calls. Ten attempts take about ten seconds. */
const records = adaptiveDynamoDB(10);
const sqsClient = sqs();
const taskQueues = {
  queue: dropQueue(sqsClient, setting('DROP_TASKS_QUEUE_URL')),
  deferred: deferredTasks(client, setting('DROPS_TABLE')),
};
const imports = importStore(records, setting('IMPORTS_TABLE'), lifetimeSetting('PERSONAL_DATA_DAYS'));
const bulkQueue = importQueue(sqsClient, setting('BULK_IMPORTS_QUEUE_URL'));
const dependencies = {
  drops: dropStore(client, setting('DROPS_TABLE'), lifetimeSetting('DROP_RECORD_DAYS')),
  objects: objectStore(s3()),
  imports,
  importQueue: bulkQueue,
  cancelImport: cancelImport({
    imports,
    events: outcomeEvents(eventBridge(), setting('OUTCOMES_BUS')),
    queue: bulkQueue,
  }),
  timeZone: setting('TIME_ZONE'),
  streamPartRows: Number(setting('STREAM_PART_ROWS')),
};

const counts = liveCounts(client, setting('DROPS_TABLE'), lifetimeSetting('DROP_RECORD_DAYS'));

/** Runs the tasks of drops from the queue: reads parts, follows imports, writes reports. */
export const handler = sqsBatch(
  async (body, { now, delivery, remainingMs }) => {
    const task = readDropTask(body);
    const run = { now: Date.now, run: delivery.replaceAll('/', '-'), remainingMs };
    const queue = chainedQueue(taskQueues, { ...run, hops: readHops(body) });
    const { ended, ...outcome } = await runDropTask({ ...dependencies, queue })(task, run);
    if (outcome.corrected !== undefined && 'because' in outcome.corrected) {
      if (outcome.corrected.because === 'no_report') throw new RetryLater();
      log.warn('no corrected file', { drop: task.drop, because: outcome.corrected.because });
    }
    if (outcome.counted !== undefined) {
      const { supplier, counts: read } = outcome.counted;
      rowsRead(supplier, read);
      await counts.addRows(task.drop, read.rows).catch((error: unknown) => {
        // Only plots depend on these counts.
        log.warn('live counts not written', { error: describeError(error) });
      });
    }
    if (outcome.cancelled !== undefined)
      importsCancelled(outcome.cancelled.supplier, outcome.cancelled.count);
    if (ended !== undefined) dropEnded(ended.import_supplier, ended.state, now - ended.created_at);
    log.info('drop task done', { ...task, outcome, ...(ended && { drop_ended: ended.state }) });
  },
  undefined,
  retryWithBackoff(sqsClient, setting('DROP_TASKS_QUEUE_URL')),
);
