import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { v5 as uuidv5 } from 'uuid';
import type { Outcome } from '../imports/history.ts';
import { importId } from '../imports/import-process.ts';

/** What upstream calls its events on the bus (source: the contract, "Events"). */
export const DETAIL_TYPES = {
  PROCESSED: 'data_import.import_process.complete-v1',
  ERRORED: 'data_import.import_process.error-v1',
  DRY_RUN_SUCCEEDED: 'data_import.import_process.dry_run_complete-v1',
  DRY_RUN_ERRORED: 'data_import.import_process.dry_run_error-v1',
  CANCELLED: 'data_import.import_process.cancelled-v1',
} as const;

/** The events' source on the bus: ours, as upstream's is not public. */
export const EVENT_SOURCE = 'supply-point-import';

/** How often what EventBridge gave back is sent again at once. */
const SEND_TRIES_MAX = 3;
/** Name space of the events' identifiers: our own, made once at random. */
const EVENT_ID_NAMESPACE = '5b0e1f7c-6a35-4d7e-8f1b-3c2a9d4e6f01';

/** Thrown when EventBridge gave an event back each time. */
export class EventNotSent extends Error {
  override name = 'EventNotSent';
}

/** An event's detail: never personal data. `id` is the same however often the event is sent, so that consumers drop repeats. */
export function eventDetail({ key, attempt, status, endedAt, krakenIdentifier, error }: Outcome) {
  return {
    id: uuidv5(`${importId(key)}#${attempt}`, EVENT_ID_NAMESPACE),
    import_supplier: key.importSupplier,
    external_identifier: key.externalIdentifier,
    attempt,
    status,
    ended_at: new Date(endedAt).toISOString(),
    kraken_identifier: krakenIdentifier ?? null,
    latest_error: error ?? null,
  };
}

export type OutcomeEvents = ReturnType<typeof outcomeEvents>;

/** The bus that tells others how imports ended, at least once each. */
export function outcomeEvents(client: EventBridgeClient, busName: string) {
  const entryOf = (outcome: Outcome) => ({
    EventBusName: busName,
    Source: EVENT_SOURCE,
    DetailType: DETAIL_TYPES[outcome.status],
    Detail: JSON.stringify(eventDetail(outcome)),
    Time: new Date(outcome.endedAt),
  });

  return {
    /** Tells of an end, if there is one. @throws EventNotSent, and what the SDK throws: the caller is to be run again. */
    async publish(outcome: Outcome | undefined): Promise<void> {
      if (outcome === undefined) return;
      const Entries = [entryOf(outcome)];
      for (let tried = 0; tried < SEND_TRIES_MAX; tried += 1) {
        const answer = await client.send(new PutEventsCommand({ Entries }));
        if (answer.FailedEntryCount === 0) return;
      }
      throw new EventNotSent();
    },
  };
}
