import { dynamoDB, eventBridge } from '../shared/aws/clients.ts';
import { outcomeEvents } from '../shared/events/outcome-events.ts';
import { readImportMessage } from '../shared/imports/storage/queue.ts';
import { importStore } from '../shared/imports/storage/store.ts';
import { exhaustImport } from '../shared/imports/use-cases/exhaust-import.ts';
import { supplyPointStore } from '../shared/supply-points/store.ts';
import { describeError, log } from './edge/log.ts';
import { importEnded } from './edge/metrics.ts';
import { lifetimeSetting, setting } from './edge/settings.ts';
import { RetryLater, sqsBatch } from './edge/sqs-batch.ts';

const client = dynamoDB();
const exhaust = exhaustImport({
  imports: importStore(client, setting('IMPORTS_TABLE'), lifetimeSetting('PERSONAL_DATA_DAYS')),
  supplyPoints: supplyPointStore(
    client,
    setting('SUPPLY_POINTS_TABLE'),
    lifetimeSetting('PERSONAL_DATA_DAYS'),
  ),
});
const events = outcomeEvents(eventBridge(), setting('OUTCOMES_BUS'));

/** Consumes the imports' dead-letter queue: finishes an import whose message used up its deliveries, or leaves it to the sweeper. */
export const handler = sqsBatch(async (body, { now }) => {
  const message = tryReadMessage(body);
  if (message === undefined) return undefined;
  const { event, ...outcome } = await exhaust(message.key, message.attempt, now);
  if (outcome.kind === 'look_again') throw new RetryLater('The import is in somebody’s hands.');
  if (outcome.kind === 'ended') importEnded(message.key, outcome);
  log.error('import exhausted its deliveries', { ...message.key, attempt: message.attempt, ...outcome });
  return event;
}, events.publishAll);

/** Parses a message. Returns undefined, with a log line, for one that no version of this code can read: no import can be found for it. */
function tryReadMessage(body: string): ReturnType<typeof readImportMessage> | undefined {
  try {
    return readImportMessage(body);
  } catch (error) {
    log.error('dead letter names no import', { error: describeError(error), bytes: body.length });
    return undefined;
  }
}
