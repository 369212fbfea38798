import { CANCEL_WAIT_SECONDS_DEFAULT, CANCEL_WAIT_SECONDS_MAX } from '../shared/api/limits.ts';
import { dynamoDB, sqs } from '../shared/aws/clients.ts';
import { cancelDrop } from '../shared/drops/cancel-drop.ts';
import { dropQueue } from '../shared/drops/queue.ts';
import { dropStore } from '../shared/drops/store.ts';
import { dropBody } from './edge/drops/bodies.ts';
import { dropEndpoint } from './edge/drops/endpoints.ts';
import { parseInteger, parseOnce } from './edge/query.ts';
import { badRequest, HttpError, ok } from './edge/responses.ts';
import { lifetimeSetting, setting } from './edge/settings.ts';

const drops = dropStore(dynamoDB(), setting('DROPS_TABLE'), lifetimeSetting('DROP_RECORD_DAYS'));
const cancel = cancelDrop({ drops, queue: dropQueue(sqs(), setting('DROP_TASKS_QUEUE_URL')) });
const timeZone = setting('TIME_ZONE');

/**
 * POST /v2/data-import/supply-points/{supplier}/drops/{drop}/cancel/?wait_seconds= — stops reading a drop, cancels its PENDING imports, and
 * returns its status with their number.
 */
export const handler = dropEndpoint('drops-cancel', drops, async (drop, { now, query }) => {
  const wait = parseOnce(query['wait_seconds'], CANCEL_WAIT_SECONDS_DEFAULT, (text) =>
    parseInteger(text, 0, CANCEL_WAIT_SECONDS_MAX),
  );
  if ('error' in wait) return badRequest({ wait_seconds: [wait.error] });
  const outcome = await cancel(drop, now, wait.value * 1000);
  if (outcome.kind === 'cancelled') return ok(dropBody(outcome.drop, timeZone));
  throw new HttpError(409, {
    detail: `The drop is ${outcome.drop.state} and cannot be cancelled.`,
    code: 'drop_cannot_be_cancelled',
    state: outcome.drop.state,
  });
});
