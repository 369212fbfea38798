import { dynamoDB, sqs } from '../shared/aws/clients.ts';
import { importIndex } from '../shared/imports/storage/import-index.ts';
import { importQueue } from '../shared/imports/storage/queue.ts';
import { importStore } from '../shared/imports/storage/store.ts';
import { redriveImports } from '../shared/imports/use-cases/redrive-imports.ts';
import { supplierEndpoint } from './edge/imports/endpoints.ts';
import { describeError, log } from './edge/log.ts';
import { ok } from './edge/responses.ts';
import { lifetimeSetting, setting } from './edge/settings.ts';

const client = dynamoDB();
const redrive = redriveImports({
  imports: importStore(client, setting('IMPORTS_TABLE'), lifetimeSetting('PERSONAL_DATA_DAYS')),
  index: importIndex(client, setting('IMPORTS_TABLE'), lifetimeSetting('PERSONAL_DATA_DAYS')),
  queue: importQueue(sqs(), setting('IMPORTS_QUEUE_URL')),
});

/** POST /v2/data-import/supply-points/{supplier}/redrive/ — retries imports that exhausted their deliveries, and returns how many. */
export const handler = supplierEndpoint('redrive', async (supplier, { now }) => {
  const { redriven, remaining, sendError } = await redrive(supplier, now);
  if (sendError !== undefined)
    log.warn('message not sent; the sweeper will send it', { error: describeError(sendError) });
  return ok({ redriven, remaining });
});
