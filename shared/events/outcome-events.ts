import {
  type EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { v5 as uuidv5 } from 'uuid';
import type { Outcome } from '../imports/model/history.ts';
import { importId } from '../imports/model/import-process.ts';
import { DETAIL_TYPES, EVENT_SOURCE } from './outcome-schemas.ts';

/**
 * Limits of one PutEvents request (source: EventBridge API, PutEvents: 10 entries, 256 KB in total). Events are batched, because
 * EventBridge throttles requests: 1,200 a second in Sydney (source: EventBridge quotas, "PutEvents throttle limit in transactions per
 * second").
 */
const REQUEST_ENTRIES_MAX = 10;
const REQUEST_BYTES_MAX = 256 * 1024;
/** Bytes that EventBridge counts for an entry's time (source: EventBridge guide, "Calculating PutEvents event entry size"). */
const TIME_BYTES = 14;

/** Attempts to send an event that EventBridge rejected, without a pause between them. */
const ATTEMPTS_MAX = 3;
/** UUID namespace of the events' identifiers, generated once for this service. */
const EVENT_ID_NAMESPACE = '5b0e1f7c-6a35-4d7e-8f1b-3c2a9d4e6f01';

/** Thrown when EventBridge rejected an event in every attempt. */
export class EventNotSent extends Error {
  override name = 'EventNotSent';
}

/**
 * Returns an event's detail, which has no personal data. A repeated event has the same `id`, by which consumers drop it. The `id` depends
 * on the final time as well as on the attempt, because attempts start from 1 again after an import's record was deleted.
 */
export function eventDetail({ key, attempt, status, endedAt, krakenIdentifier, error }: Outcome) {
  return {
    id: uuidv5(`${importId(key)}#${attempt}#${endedAt}`, EVENT_ID_NAMESPACE),
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

/** Publishes the outcomes of imports on the event bus, each at least once. */
export function outcomeEvents(client: EventBridgeClient, busName: string) {
  const entryOf = (outcome: Outcome) => ({
    EventBusName: busName,
    Source: EVENT_SOURCE,
    DetailType: DETAIL_TYPES[outcome.status],
    Detail: JSON.stringify(eventDetail(outcome)),
    Time: new Date(outcome.endedAt),
  });

  /** Sends events in one request and retries those that EventBridge rejects. Sets the result of each event; never throws. */
  const send = async (events: readonly PendingEvent[]): Promise<void> => {
    let pending = events;
    try {
      for (let attempt = 1; attempt <= ATTEMPTS_MAX && pending.length > 0; attempt += 1) {
        const command = new PutEventsCommand({ Entries: pending.map(({ entry }) => entry) });
        const { FailedEntryCount, Entries = [] } = await client.send(command);
        const failed = FailedEntryCount === 0 ? [] : pending.filter((_, index) => Entries[index]?.ErrorCode);
        for (const event of pending) if (!failed.includes(event)) event.result = SENT;
        pending = failed;
      }
    } catch (reason) {
      for (const event of pending) event.result = { status: 'rejected', reason };
    }
  };

  /**
   * Publishes outcomes, ten in a request, and skips those that are undefined. Returns a result for each, in their order. When one is
   * rejected, its message must be redelivered.
   */
  const publishAll = async (
    outcomes: readonly (Outcome | undefined)[],
  ): Promise<PromiseSettledResult<void>[]> => {
    const events = outcomes.map((outcome) => outcome && pendingOf(entryOf(outcome)));
    await Promise.all(batchesOf(events.filter((event) => event !== undefined)).map(send));
    return events.map((event) => event?.result ?? SENT);
  };

  return {
    publishAll,
    /** Publishes an outcome, if there is one. @throws EventNotSent, and what the SDK throws: the caller must retry */
    async publish(outcome: Outcome | undefined): Promise<void> {
      const [result] = await publishAll([outcome]);
      if (result?.status === 'rejected') throw result.reason;
    },
  };
}

/** An event to send, and the result of sending it. */
type PendingEvent = { entry: PutEventsRequestEntry; result: PromiseSettledResult<void> };

const SENT: PromiseSettledResult<void> = { status: 'fulfilled', value: undefined };

const pendingOf = (entry: PutEventsRequestEntry): PendingEvent => ({
  entry,
  result: { status: 'rejected', reason: new EventNotSent() },
});

/** Splits events into batches that fit into one request each. */
function batchesOf(events: readonly PendingEvent[]): PendingEvent[][] {
  const batches: PendingEvent[][] = [];
  let bytes = 0;
  for (const event of events) {
    const last = batches.at(-1);
    const added = entryBytes(event.entry);
    if (last !== undefined && last.length < REQUEST_ENTRIES_MAX && bytes + added <= REQUEST_BYTES_MAX) {
      last.push(event);
      bytes += added;
    } else {
      batches.push([event]);
      bytes = added;
    }
  }
  return batches;
}

const entryBytes = ({ Source = '', DetailType = '', Detail = '' }: PutEventsRequestEntry): number =>
  TIME_BYTES + Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail);
