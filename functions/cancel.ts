import { dynamoDB, eventBridge, sqs } from '../shared/aws/clients.ts';
import { outcomeEvents } from '../shared/events/outcome-events.ts';
import { startTimeOf } from '../shared/imports/model/transitions.ts';
import { importQueue } from '../shared/imports/storage/queue.ts';
import { importStore } from '../shared/imports/storage/store.ts';
import { cancelImport } from '../shared/imports/use-cases/cancel-import.ts';
import { conflictBody, statusBody } from './edge/imports/bodies.ts';
import { importEndpoint } from './edge/imports/endpoints.ts';
import { describeError, log } from './edge/log.ts';
import { importEnded } from './edge/metrics.ts';
import { HttpError, httpErrors, ok } from './edge/responses.ts';
import { lifetimeSetting, setting } from './edge/settings.ts';

const cancel = cancelImport({
  imports: importStore(dynamoDB(), setting('IMPORTS_TABLE'), lifetimeSetting('PERSONAL_DATA_DAYS')),
  events: outcomeEvents(eventBridge(), setting('OUTCOMES_BUS')),
  queue: importQueue(sqs(), setting('IMPORTS_QUEUE_URL')),
});
const timeZone = setting('TIME_ZONE');

/** POST /v2/data-import/supply-points/{supplier}/{identifier}/cancel/ — cancels a PENDING import and returns its status. */
export const handler = importEndpoint('cancel', async (key, { now }) => {
  const outcome = await cancel(key, now);
  if (outcome.kind === 'unknown') throw httpErrors.notFound();
  if (outcome.kind === 'impossible') throw new HttpError(409, conflictBody('cancelled', outcome.record));
  if (outcome.publishError !== undefined)
    log.warn('event not published; the worker will publish it', {
      error: describeError(outcome.publishError),
    });
  if (outcome.changed)
    importEnded(key, { status: 'CANCELLED', milliseconds: now - startTimeOf(outcome.record) });
  return ok(statusBody(outcome.record, timeZone));
});
