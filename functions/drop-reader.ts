import { dynamoDB, s3, sqs } from '../shared/aws/clients.ts';
import { doDropTask } from '../shared/drops/do-task.ts';
import { objectStore } from '../shared/drops/objects.ts';
import { dropQueue, readDropTask } from '../shared/drops/queue.ts';
import { dropStore } from '../shared/drops/store.ts';
import { importQueue } from '../shared/imports/queue.ts';
import { importStore } from '../shared/imports/store.ts';
import { log } from './edge/log.ts';
import { dropEnded, rowsRead } from './edge/metrics.ts';
import { setting } from './edge/settings.ts';
import { sqsBatch } from './edge/sqs-batch.ts';

const client = dynamoDB();
const queues = sqs();
const doTask = doDropTask({
  drops: dropStore(client, setting('DROPS_TABLE')),
  objects: objectStore(s3()),
  queue: dropQueue(queues, setting('DROP_TASKS_QUEUE_URL')),
  imports: importStore(client, setting('IMPORTS_TABLE')),
  importQueue: importQueue(queues, setting('BULK_IMPORTS_QUEUE_URL')),
  timeZone: setting('TIME_ZONE'),
  streamPartRows: Number(setting('STREAM_PART_ROWS')),
});

/** Does what the queue says for drops: reads their parts, writes their reports, follows their imports. */
export const handler = sqsBatch(async (body, { now, delivery, remainingMs }) => {
  const task = readDropTask(body);
  const run = { now: Date.now, run: delivery.replaceAll('/', '-'), remainingMs };
  const { ended, ...outcome } = await doTask(task, run);
  if (outcome.counted !== undefined) rowsRead(outcome.counted.supplier, outcome.counted.counts);
  if (ended !== undefined) dropEnded(ended.import_supplier, ended.state, now - ended.created_at);
  log.info('drop task done', { ...task, outcome, ...(ended && { drop_ended: ended.state }) });
});
