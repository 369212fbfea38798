import { dynamoDB, s3, sqs } from '../shared/aws/clients.ts';
import { giveUpOnDrop } from '../shared/drops/give-up.ts';
import { objectStore } from '../shared/drops/objects.ts';
import { dropQueue } from '../shared/drops/queue.ts';
import { dropStore } from '../shared/drops/store.ts';
import { log } from './edge/log.ts';
import { setting } from './edge/settings.ts';
import { sqsBatch } from './edge/sqs-batch.ts';

const giveUp = giveUpOnDrop({
  drops: dropStore(dynamoDB(), setting('DROPS_TABLE')),
  objects: objectStore(s3()),
  queue: dropQueue(sqs(), setting('DROP_TASKS_QUEUE_URL')),
});

/** Says of drops what could not be done for them, so that none is silent and none hangs. */
export const handler = sqsBatch(async (body, { now }) => {
  log.error('drop given up on', { given_up: await giveUp(body, now) });
});
