import {
  type EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { v5 as uuidv5 } from 'uuid';
import type { Outcome } from '../imports/history.ts';
import { importId } from '../imports/import-process.ts';
import { DETAIL_TYPES, EVENT_SOURCE } from './outcome-schemas.ts';

/**
 * Events in one PutEvents request, and bytes of them together (source: EventBridge API, PutEvents: 10 entries, 256 KB in total). Requests
 * are what is limited: in Sydney 1,200 a second (source: EventBridge quotas, "PutEvents throttle limit in transactions per second").
 */
const REQUEST_ENTRIES_MAX = 10;
const REQUEST_BYTES_MAX = 256 * 1024;
/** Bytes that an entry's time counts as (source: EventBridge guide, "Calculating PutEvents event entry size"). */
const TIME_BYTES = 14;

/** How often what EventBridge gave back is sent again at once. */
const SEND_TRIES_MAX = 3;
/** Name space of the events' identifiers: our own, made once at random. */
const EVENT_ID_NAMESPACE = '5b0e1f7c-6a35-4d7e-8f1b-3c2a9d4e6f01';

/** Thrown when EventBridge gave an event back each time. */
export class EventNotSent extends Error {
  override name = 'EventNotSent';
}

/**
 * An event's detail: never personal data. `id` is the same however often the event is sent, so that consumers drop repeats. Attempts are
 * counted anew after an import's record was deleted, so the time of the end is part of it.
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

/** The bus that tells others how imports ended, at least once each. */
export function outcomeEvents(client: EventBridgeClient, busName: string) {
  const entryOf = (outcome: Outcome) => ({
    EventBusName: busName,
    Source: EVENT_SOURCE,
    DetailType: DETAIL_TYPES[outcome.status],
    Detail: JSON.stringify(eventDetail(outcome)),
    Time: new Date(outcome.endedAt),
  });

  /** Sends events in one request, and again those that EventBridge gives back. Each is settled on its own. */
  const send = async (events: readonly Pending[]): Promise<void> => {
    let pending = events;
    try {
      for (let tried = 0; tried < SEND_TRIES_MAX && pending.length > 0; tried += 1) {
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
   * Publishes ends, ten in a request. Answers for each whether it was sent, in their order; nothing to do for undefined. The callers
   * whose event was not sent are to be run again.
   */
  const publishAll = async (
    outcomes: readonly (Outcome | undefined)[],
  ): Promise<PromiseSettledResult<void>[]> => {
    const events = outcomes.map((outcome) => outcome && pendingOf(entryOf(outcome)));
    await Promise.all(requestsOf(events.filter((event) => event !== undefined)).map(send));
    return events.map((event) => event?.result ?? SENT);
  };

  return {
    publishAll,
    /** Publishes an end, if there is one. @throws EventNotSent, and what the SDK throws: the caller is to be run again. */
    async publish(outcome: Outcome | undefined): Promise<void> {
      const [result] = await publishAll([outcome]);
      if (result?.status === 'rejected') throw result.reason;
    },
  };
}

/** An event, and what came of sending it. */
type Pending = { entry: PutEventsRequestEntry; result: PromiseSettledResult<void> };

const SENT: PromiseSettledResult<void> = { status: 'fulfilled', value: undefined };

const pendingOf = (entry: PutEventsRequestEntry): Pending => ({
  entry,
  result: { status: 'rejected', reason: new EventNotSent() },
});

/** Events in requests that are as large as they may be. */
function requestsOf(events: readonly Pending[]): Pending[][] {
  const requests: Pending[][] = [];
  let bytes = 0;
  for (const event of events) {
    const last = requests.at(-1);
    const more = entryBytes(event.entry);
    if (last !== undefined && last.length < REQUEST_ENTRIES_MAX && bytes + more <= REQUEST_BYTES_MAX) {
      last.push(event);
      bytes += more;
    } else {
      requests.push([event]);
      bytes = more;
    }
  }
  return requests;
}

const entryBytes = ({ Source = '', DetailType = '', Detail = '' }: PutEventsRequestEntry): number =>
  TIME_BYTES + Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail);
