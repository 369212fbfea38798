import { dynamoDB, s3, sqs } from '../shared/aws/clients.ts';
import { readNotification } from '../shared/drops/notification.ts';
import { objectStore } from '../shared/drops/objects.ts';
import { planDrop } from '../shared/drops/plan-drop.ts';
import { dropQueue } from '../shared/drops/queue.ts';
import { dropStore } from '../shared/drops/store.ts';
import { registry } from '../shared/suppliers/registry.ts';
import { log } from './edge/log.ts';
import { lifetimeSetting, setting } from './edge/settings.ts';
import { sqsBatch } from './edge/sqs-batch.ts';

const client = dynamoDB();
const plan = planDrop({
  drops: dropStore(client, setting('DROPS_TABLE'), lifetimeSetting('DROP_RECORD_DAYS')),
  objects: objectStore(s3()),
  queue: dropQueue(sqs(), setting('DROP_TASKS_QUEUE_URL')),
  suppliers: registry(client, setting('REGISTRY_TABLE')),
  rangeBytes: Number(setting('RANGE_BYTES')),
});

/** Plans the reading of dropped files, on S3's notifications. */
export const handler = sqsBatch(async (body, { now }) => {
  for (const { bucket, key } of readNotification(body)) {
    // The key is not logged, because file names may contain personal data.
    log.info('drop planned', await plan(bucket, key, now));
  }
});
