import { setImmediate as macrotask } from 'node:timers/promises';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RESEND_AFTER_SECONDS, RESEND_SLOW_AFTER_SECONDS } from '../../shared/imports/model/due.ts';
import { HISTORY_EVENTS_MAX, historyEvents } from '../../shared/imports/model/history.ts';
import { importId } from '../../shared/imports/model/import-process.ts';
import { listingOf } from '../../shared/imports/model/listing.ts';
import { shardOf } from '../../shared/imports/model/shards.ts';
import { type ImportQueues, importQueue, readImportMessage } from '../../shared/imports/storage/queue.ts';
import { sweepImports } from '../../shared/imports/use-cases/sweep-imports.ts';
import { identifierNumber } from '../support/requests.ts';
import { startTestTables } from '../support/tables.ts';
import { keptQueue, keyOf, storesOf } from './stores.ts';

let tables: Awaited<ReturnType<typeof startTestTables>>;
beforeAll(async () => {
  tables = await startTestTables();
  await tables.registered.putSupplier({ code: 'OTHER_SUPPLIER', migration: 'closed' });
});
afterAll(() => tables.stop());

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const SENT = { listingClass: 'SLOW', isAddedToHistory: true } as const;
// Each test has its own day, so no sweep finds another test's imports.
let day = 0;
const nextDay = (): number => Date.UTC(2030, 0, ++day, 9);

function sweepAt(now: number, otherQueues: Partial<ImportQueues> = {}, index = storesOf(tables).index) {
  const endpoint = importQueue(tables.sqs, tables.endpoints.queues['imports']!);
  const { swept: records, nowhere } = storesOf(tables);
  const queues = { endpoint, bulk: nowhere, ...otherQueues };
  return sweepImports({ index, records, queues, suppliers: tables.registered })(now);
}

/** Receives all messages and returns their identifiers. */
const messages = async (): Promise<string[]> =>
  (await tables.received('imports')).map((body) => readImportMessage(body).key.externalIdentifier);

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

  it('sends imports of drops to their own queue, and again only after the longer time', async () => {
    const [waiting, open] = [identifierNumber(7), identifierNumber(8)];
    const now = nextDay();
    const start = now + HOUR;
    const row = { drop: 'drop', offset: 0 };
    const { record } = storesOf(tables);
    await record(waiting, now, { taskParameters: window(start), row });
    await record(open, start, { row });
    const { send, sent } = keptQueue();
    const sweep = (at: number) => sweepAt(at, { bulk: { send } });
    expect(await sweep(start)).toEqual({ sent: 1, cleared: 0 });
    expect(await sweep(start + RESEND_SLOW_AFTER_SECONDS * SECOND - 1)).toEqual({ sent: 0, cleared: 0 });
    expect(await sweep(start + RESEND_SLOW_AFTER_SECONDS * SECOND)).toEqual({ sent: 2, cleared: 0 });
    const message = (identifier: string) => ({ key: keyOf(identifier), attempt: 1, delaySeconds: 0 });
    expect(sent[0]).toEqual(message(waiting));
    expect(sent.slice(1)).toEqual(expect.arrayContaining([message(waiting), message(open)]));
    expect(await messages()).toEqual([]);
    for (const identifier of [waiting, open]) await end(identifier, start + HOUR);
  });

  it('sends the imports of every supplier with their present attempt', async () => {
    const identifier = identifierNumber(9);
    const now = nextDay();
    const { importIn, imports, record } = storesOf(tables);
    const other = { importSupplier: 'OTHER_SUPPLIER', externalIdentifier: identifier };
    await importIn('ERRORED', identifier, now);
    await record(identifier, now);
    const pending = (await imports.get(keyOf(identifier)))!;
    const listing = listingOf('OPEN', other, now);
    await imports.write({ ...pending, id: importId(other), ...listing }, undefined);
    const { send, sent } = keptQueue();
    expect(await sweepAt(now + HOUR, { endpoint: { send } })).toEqual({ sent: 2, cleared: 0 });
    expect(sent.map(({ key }) => key.importSupplier).sort()).toEqual(['OTHER_SUPPLIER', 'TEST_SUPPLIER']);
    expect(sent.map(({ attempt }) => attempt)).toEqual([2, 2]);
    await imports.remove(other, (await imports.get(other))!);
    await end(identifier, now + 2 * HOUR);
  });

  it('leaves an import as it was when its message cannot be sent', async () => {
    const identifier = identifierNumber(10);
    const now = nextDay();
    const { importIn, imports, nowhere } = storesOf(tables);
    const before = await importIn('PENDING', identifier, now);
    await expect(sweepAt(now + HOUR, { endpoint: nowhere })).rejects.toThrow();
    expect(await imports.get(keyOf(identifier))).toEqual(before);
    await end(identifier, now + HOUR);
  });

  it('reads at most eight partitions at a time, and fifty pages of each', async () => {
    const { index } = storesOf(tables);
    const pages = new Map<string, number>();
    let reading = 0;
    let readingMax = 0;
    /** A partition that has a next page, always. */
    const endless = async (partition: string, _: number, { limit }: { limit: number }) => {
      expect(limit).toBe(100);
      pages.set(partition, (pages.get(partition) ?? 0) + 1);
      reading += 1;
      readingMax = Math.max(readingMax, reading);
      await macrotask();
      reading -= 1;
      return { entries: [], next: {} };
    };
    expect(await sweepAt(nextDay(), {}, { ...index, unfinished: endless, due: endless })).toEqual({
      sent: 0,
      cleared: 0,
    });
    expect(readingMax).toBe(8);
    // Of both suppliers: those that wait, and those that are open in two classes.
    expect(pages.size).toBe(2 * 3 * 8);
    expect(new Set(pages.values())).toEqual(new Set([50]));
  });

  it('sends two hundred imports of a partition, and the rest the next time', async () => {
    const now = nextDay();
    const ofShard = Array.from({ length: 2600 }, (_, number) => identifierNumber(20_000 + number))
      .filter((identifier) => shardOf(identifier) === 0)
      .slice(0, 301);
    const { importIn } = storesOf(tables);
    const pending = await importIn('PENDING', identifierNumber(11), now);
    await end(identifierNumber(11), now);
    const puts = ofShard.map((identifier) => {
      const key = keyOf(identifier);
      return { PutRequest: { Item: { ...pending, id: importId(key), ...listingOf('OPEN', key, now) } } };
    });
    const table = tables.endpoints.tables['import-processes']!;
    for (let from = 0; from < puts.length; from += 25) {
      const RequestItems = { [table]: puts.slice(from, from + 25) };
      await tables.dynamodb.send(new BatchWriteCommand({ RequestItems }));
    }
    const queue = keptQueue();
    expect(await sweepAt(now + HOUR, { endpoint: queue })).toEqual({ sent: 200, cleared: 0 });
    expect(await sweepAt(now + HOUR, { endpoint: queue })).toEqual({ sent: 101, cleared: 0 });
    expect(new Set(queue.sent.map(({ key }) => key.externalIdentifier))).toEqual(new Set(ofShard));
  });
});
