import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { AccessKeys } from '../access/credentials.ts';
import { close, guardedServer, listen } from '../access/guarded-server.ts';
import type { Iam } from '../iam/iam.ts';
import type { CallRequest } from '../iam/requested-access.ts';
import { ACCOUNT, REGION } from '../resource.ts';
import type { Emulator } from './dynamodb.ts';

/** An event in the form that a rule's targets receive (source: Amazon EventBridge, "Event structure"). */
export type BusEvent = {
  version: '0';
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  time: string;
  region: string;
  resources: string[];
  detail: unknown;
  /** The bus of the event; not part of AWS's structure. */
  bus: string;
};

type Entry = { EventBusName?: string; Source?: string; DetailType?: string; Detail?: string; Time?: number };

/** Number of events kept for `GET /events`. */
const EVENTS_KEPT_MAX = 1000;
/** Maximum entry size (source: Amazon EventBridge quotas, "PutEvents entry size": 256 KB). */
const ENTRY_BYTES_MAX = 256 * 1024;
/** PutEvents takes at most ten entries; the rest is for JSON. */
const BODY_BYTES_MAX = 11 * ENTRY_BYTES_MAX;
const FORWARD_ATTEMPTS_MAX = 3;
const FORWARD_TIMEOUT_MS = 5_000;

export type EventBridge = Emulator & { events(): BusEvent[] };

/**
 * Starts an emulator of EventBridge's PutEvents, in memory, on 127.0.0.1 at a free port. Requests must be signed with one of the keys.
 * `GET /events` returns the last thousand events as JSON to the operator, oldest first.
 *
 * @param forwardTo a URL to which each event is posted, in order. After three failed attempts an event is logged on standard error and skipped.
 * @param iam the template's policies, once they are loaded
 */
export async function startEventBridge(
  busNames: readonly string[],
  forwardTo: string | undefined,
  keys: AccessKeys,
  iam: () => Iam | undefined = () => undefined,
): Promise<EventBridge> {
  const events: BusEvent[] = [];
  let forwarding = Promise.resolve();

  const putEntry = (entry: Entry): object => {
    const reason = rejectionReason(entry, busNames);
    if (reason !== undefined) return { ErrorCode: 'InvalidArgument', ErrorMessage: reason };
    const event = toEvent(entry);
    events.push(event);
    if (events.length > EVENTS_KEPT_MAX) events.shift();
    if (forwardTo !== undefined) forwarding = forwarding.then(() => forward(forwardTo, event));
    return { EventId: event.id };
  };

  const serve = ({ method, url, headers, body }: CallRequest, response: ServerResponse) => {
    if (method === 'GET' && url === '/events') return respond(response, 200, events);
    if (headers['x-amz-target'] !== 'AWSEvents.PutEvents') {
      return respond(response, 400, { __type: 'UnknownOperationException' });
    }
    const { Entries = [] } = JSON.parse(body.toString('utf8')) as { Entries?: Entry[] };
    if (Entries.length < 1 || Entries.length > 10) {
      return respond(response, 400, { __type: 'ValidationException', message: 'Entries must be 1 to 10.' });
    }
    const results = Entries.map(putEntry);
    const failed = results.filter((result) => 'ErrorCode' in result).length;
    return respond(response, 200, { Entries: results, FailedEntryCount: failed });
  };

  const server = guardedServer(
    { keys, service: () => 'events', iam, bodyBytesMax: BODY_BYTES_MAX },
    (request, _, response) => serve(request, response),
  );
  return {
    endpoint: await listen(server),
    events: () => [...events],
    stop: () => close(server),
  };
}

function respond(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify(body));
}

function rejectionReason(entry: Entry, busNames: readonly string[]): string | undefined {
  const { EventBusName = 'default', Source, DetailType, Detail } = entry;
  const name = EventBusName.split('/').at(-1)!;
  if (!busNames.includes(name)) return `The event bus ${name} does not exist.`;
  if (!Source || !DetailType || !Detail) return 'Source, DetailType and Detail are required.';
  if (Buffer.byteLength(JSON.stringify(entry)) > ENTRY_BYTES_MAX) return 'The entry is larger than 256 KB.';
  try {
    const detail: unknown = JSON.parse(Detail);
    if (typeof detail === 'object' && detail !== null) return undefined;
  } catch {}
  return 'Detail is no JSON object.';
}

function toEvent({ EventBusName = 'default', Source, DetailType, Detail, Time }: Entry): BusEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': DetailType!,
    source: Source!,
    account: ACCOUNT,
    time: new Date(Time === undefined ? Date.now() : Time * 1000).toISOString(),
    region: REGION,
    resources: [],
    detail: JSON.parse(Detail!),
    bus: EventBusName,
  };
}

async function forward(url: string, event: BusEvent): Promise<void> {
  let failure: unknown;
  for (let attempt = 0; attempt < FORWARD_ATTEMPTS_MAX; attempt += 1) {
    try {
      const { ok, status } = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(event),
        signal: AbortSignal.timeout(FORWARD_TIMEOUT_MS),
      });
      if (ok) return;
      failure = `status ${status}`;
    } catch (error) {
      failure = error;
    }
  }
  console.error(`The event ${event.id} could not be forwarded: ${failure}`);
}
