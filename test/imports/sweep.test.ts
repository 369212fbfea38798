import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RESEND_AFTER_SECONDS, RESEND_SLOW_AFTER_SECONDS } from '../../shared/imports/model/due.ts';
import { HISTORY_EVENTS_MAX, historyEvents } from '../../shared/imports/model/history.ts';
import { importQueue, readImportMessage } from '../../shared/imports/storage/queue.ts';
import { sweepImports } from '../../shared/imports/use-cases/sweep-imports.ts';
import { identifierNumber } from '../support/requests.ts';
import { startTestTables } from '../support/tables.ts';
import { keyOf, storesOf } from './stores.ts';

let tables: Awaited<ReturnType<typeof startTestTables>>;
let queueUrl: string;
beforeAll(async () => {
  tables = await startTestTables();
  // The queue has no consumer, so the test can read the sweeper's messages.
  const created = await tables.sqs.send(new CreateQueueCommand({ QueueName: 'swept' }));
  queueUrl = created.QueueUrl!;
});
afterAll(() => tables.stop());

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const SENT = { listingClass: 'SLOW', isAddedToHistory: true } as const;
// Each test has its own day, so no sweep finds another test's imports.
let day = 0;
const nextDay = (): number => Date.UTC(2030, 0, ++day, 9);

function sweepAt(now: number) {
  const queue = importQueue(tables.sqs, queueUrl);
  const queues = { endpoint: queue, bulk: storesOf(tables).nowhere };
  const { index, swept: records } = storesOf(tables);
  return sweepImports({ index, records, queues, suppliers: tables.registered })(now);
}

/** Receives all messages and returns their identifiers. */
async function messages(): Promise<string[]> {
  const found: string[] = [];
  for (;;) {
    const receive = new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 });
    const { Messages = [] } = await tables.sqs.send(receive);
    if (Messages.length === 0) return found;
    found.push(...Messages.map(({ Body }) => readImportMessage(Body!).key.externalIdentifier));
  }
}

const eventsOf = async (identifier: string) => {
  const record = await storesOf(tables).imports.get(keyOf(identifier));
  return historyEvents(record!).map(({ event }) => event);
};
const end = (identifier: string, now: number) => {
  const { imports } = storesOf(tables);
  return imports
    .get(keyOf(identifier))
    .then((record) => imports.finishUnclaimed(record!, { status: 'DRY_RUN_SUCCEEDED' }, now));
};
const window = (start: number) => ({
  schedule_window_start: new Date(start).toISOString(),
  schedule_window_end: new Date(start + HOUR).toISOString(),
});

describe('the sweeper', () => {
  it('sends an unfinished import again, then after a longer time, until it is finished', async () => {
    const identifier = identifierNumber(1);
    const now = nextDay();
    await storesOf(tables).submit(identifier, now);
    const again = now + RESEND_AFTER_SECONDS * SECOND;
    expect(await sweepAt(again - 1)).toEqual({ sent: 0, cleared: 0 });
    expect(await sweepAt(again)).toEqual({ sent: 1, cleared: 0 });
    expect(await sweepAt(again + RESEND_SLOW_AFTER_SECONDS * SECOND - 1)).toEqual({ sent: 0, cleared: 0 });
    expect(await sweepAt(again + RESEND_SLOW_AFTER_SECONDS * SECOND)).toEqual({ sent: 1, cleared: 0 });
    expect(await messages()).toEqual([identifier, identifier]);
    expect(await eventsOf(identifier)).toEqual(['submitted', 'sent_again', 'sent_again']);
    await end(identifier, again + HOUR);
    expect(await sweepAt(again + 2 * HOUR)).toEqual({ sent: 0, cleared: 0 });
  });

  it('sends a waiting import when its window opens, and again like any other', async () => {
    const identifier = identifierNumber(2);
    const now = nextDay();
    const start = now + HOUR;
    await storesOf(tables).submit(identifier, now, window(start));
    expect(await sweepAt(start - 1)).toEqual({ sent: 0, cleared: 0 });
    expect(await sweepAt(start)).toEqual({ sent: 1, cleared: 0 });
    expect(await storesOf(tables).item(identifier)).not.toHaveProperty('due_at');
    expect(await sweepAt(start + RESEND_AFTER_SECONDS * SECOND)).toEqual({ sent: 1, cleared: 0 });
    expect(await eventsOf(identifier)).toEqual(['submitted', 'sent', 'sent_again']);
    expect(await messages()).toEqual([identifier, identifier]);
    await end(identifier, start + HOUR);
  });

  it('sends an import with a delayed message only after the longer time', async () => {
    const identifier = identifierNumber(3);
    const now = nextDay();
    await storesOf(tables).submit(identifier, now, window(now + 800 * SECOND));
    expect(await sweepAt(now + 800 * SECOND)).toEqual({ sent: 0, cleared: 0 });
    expect(await sweepAt(now + RESEND_SLOW_AFTER_SECONDS * SECOND)).toEqual({ sent: 1, cleared: 0 });
    expect(await messages()).toEqual([identifier]);
    await end(identifier, now + HOUR);
  });

  it('sends an import that a worker claimed and did not finish, and the next worker takes over', async () => {
    const identifier = identifierNumber(4);
    const now = nextDay();
    const { imports, submit } = storesOf(tables);
    await submit(identifier, now);
    const claim = (name: string, at: number) =>
      imports.claim({
        key: keyOf(identifier),
        attempt: 1,
        claim: name,
        now: at,
        leaseUntil: at + 20 * SECOND,
      });
    await claim('dead', now);
    expect(await sweepAt(now + RESEND_AFTER_SECONDS * SECOND)).toEqual({ sent: 1, cleared: 0 });
    await claim('next', now + HOUR);
    expect(await eventsOf(identifier)).toEqual(['submitted', 'started', 'sent_again', 'taken_over']);
    expect(await messages()).toEqual([identifier]);
    await end(identifier, now + HOUR);
  });

  it('sends an import that is never finished again and again, and adds it to the history up to the limit', async () => {
    const identifier = identifierNumber(5);
    const now = nextDay();
    const { imports, submit } = storesOf(tables);
    await submit(identifier, now);
    const submitted = (await imports.get(keyOf(identifier)))!;
    const again = Array.from({ length: HISTORY_EVENTS_MAX - 3 }, () => ({ t: now, e: 'a' as const, a: 1 }));
    const history = [...submitted.history, ...again];
    await imports.write({ ...submitted, history, revision: 2 }, submitted);
    for (let time = 1; time <= 4; time += 1) {
      expect(await sweepAt(now + time * HOUR)).toEqual({ sent: 1, cleared: 0 });
    }
    expect(await messages()).toHaveLength(4);
    const swept = (await imports.get(keyOf(identifier)))!;
    expect(swept.history).toHaveLength(HISTORY_EVENTS_MAX);
    expect(swept.history.at(-1)).toEqual({ t: now + 2 * HOUR, e: 'a', a: 1 });
    await submit(identifier, now + 100 * HOUR, { is_dry_run: true });
    const afterwards = (await imports.get(keyOf(identifier)))!;
    expect(afterwards.history.slice(-2).map(({ e }) => e)).toEqual(['a', 'r']);
    expect(afterwards.history.length).toBeLessThan(HISTORY_EVENTS_MAX);
    await end(identifier, now + 200 * HOUR);
  });

  it('does not change an import that was finished or submitted again since the query', async () => {
    const identifier = identifierNumber(6);
    const now = nextDay();
    const { imports, submit, index } = storesOf(tables);
    await submit(identifier, now);
    const { listing } = (await imports.get(keyOf(identifier)))!;
    const found = await index.unfinished(listing, now, { limit: 10 });
    await submit(identifier, now + SECOND, { is_dry_run: true });
    expect(await index.sent(found.entries[0]!, SENT, now + HOUR)).toBe(false);
    const again = await index.unfinished(listing, now + SECOND, { limit: 10 });
    const ended = await end(identifier, now + 2 * SECOND);
    expect(await index.sent(again.entries[0]!, SENT, now + HOUR)).toBe(false);
    expect(await imports.get(keyOf(identifier))).toEqual(ended);
  });
});
