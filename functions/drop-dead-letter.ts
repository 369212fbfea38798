import { dynamoDB, s3, sqs } from '../shared/aws/clients.ts';
import { handleDeadLetter } from '../shared/drops/dead-letter.ts';
import { deferredTasks } from '../shared/drops/deferred-tasks.ts';
import { objectStore } from '../shared/drops/objects.ts';
import { dropQueue, readHops } from '../shared/drops/queue.ts';
import { dropStore } from '../shared/drops/store.ts';
import { chainedQueue } from '../shared/drops/task-chain.ts';
import { log } from './edge/log.ts';
import { lifetimeSetting, setting } from './edge/settings.ts';
import { sqsBatch } from './edge/sqs-batch.ts';

const client = dynamoDB();
const dependencies = {
  drops: dropStore(client, setting('DROPS_TABLE'), lifetimeSetting('DROP_RECORD_DAYS')),
  objects: objectStore(s3()),
};
const taskQueues = {
  queue: dropQueue(sqs(), setting('DROP_TASKS_QUEUE_URL')),
  deferred: deferredTasks(client, setting('DROPS_TABLE')),
};

/** Consumes the drop queues' dead-letter queue: every drop reaches a final state, and each failure is logged. */
export const handler = sqsBatch(async (body, { now, delivery }) => {
  const queue = chainedQueue(taskQueues, { hops: readHops(body), run: delivery, now: () => now });
  const giveUp = handleDeadLetter({ ...dependencies, queue });
  log.error('drop given up on', { given_up: await giveUp(body, now) });
});
