import { dynamoDB, sqs } from '../shared/aws/clients.ts';
import { importQueue } from '../shared/imports/storage/queue.ts';
import { importStore } from '../shared/imports/storage/store.ts';
import { retryImport } from '../shared/imports/use-cases/retry-import.ts';
import { conflictBody, statusBody } from './edge/imports/bodies.ts';
import { importEndpoint } from './edge/imports/endpoints.ts';
import { describeError, log } from './edge/log.ts';
import { HttpError, httpErrors, ok } from './edge/responses.ts';
import { lifetimeSetting, setting } from './edge/settings.ts';

const retry = retryImport({
  imports: importStore(dynamoDB(), setting('IMPORTS_TABLE'), lifetimeSetting('PERSONAL_DATA_DAYS')),
  queue: importQueue(sqs(), setting('IMPORTS_QUEUE_URL')),
});
const timeZone = setting('TIME_ZONE');

/** POST /v2/data-import/supply-points/{supplier}/{identifier}/retry/ — retries an errored import, and returns its status. */
export const handler = importEndpoint('retry', async (key, { now, receivedAt }) => {
  const outcome = await retry(key, { now, receivedAt });
  if (outcome.kind === 'unknown') throw httpErrors.notFound();
  if (outcome.kind === 'impossible') throw new HttpError(409, conflictBody('retried', outcome.record));
  if (outcome.sendError !== undefined)
    log.warn('message not sent; the sweeper will send it', { error: describeError(outcome.sendError) });
  return ok(statusBody(outcome.record, timeZone));
});
