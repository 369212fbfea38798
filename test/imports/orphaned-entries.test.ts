import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDynalite } from '../../infra/local/emulators/dynalite-database.ts';
import { dueShard } from '../../shared/imports/model/due.ts';
import { importId } from '../../shared/imports/model/import-process.ts';
import { listingOf } from '../../shared/imports/model/listing.ts';
import { shardOf } from '../../shared/imports/model/shards.ts';
import { sweepImports } from '../../shared/imports/use-cases/sweep-imports.ts';
import { identifierNumber } from '../support/requests.ts';
import { startTestTables } from '../support/tables.ts';
import { keptQueue, keyOf, storesOf } from './stores.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
/** An index lags by no more than this. */
const LAG_MAX = 10 * MINUTE;
const now = Date.UTC(2030, 0, 7, 9);

// In this process, because orphaned entries can be made only in the emulator's database.
const dynalite = createRequire(import.meta.url)('dynalite/db/index.js');
const { handle, store } = openDynalite(undefined);
const server = createServer(handle);
let tables: Awaited<ReturnType<typeof startTestTables>>;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  tables = await startTestTables({ dynamodb: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
afterAll(async () => {
  tables.stop();
  await new Promise((done) => server.close(done));
});

/** Unused identifiers of one shard, so that their index entries share partitions. */
const identifiers = Array.from({ length: 1000 }, (_, index) => identifierNumber(index)).filter(
  (identifier) => shardOf(identifier) === 0,
);
const newIdentifier = (): string => identifiers.pop()!;
const OPEN_PARTITION = listingOf('OPEN', keyOf(identifiers[0]!), 0).listing;
const DUE_PARTITION = dueShard(keyOf(identifiers[0]!));

/** Adds an index entry without changing the record, as a kill of dynalite does between its writes of the two. */
async function addEntry(identifier: string, attributes: Record<string, unknown>): Promise<void> {
  const done = <T>(call: (callback: (error: unknown, value: T) => void) => void): Promise<T> =>
    new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value))));
  const { getTable } = store as unknown as { getTable(name: string, callback: unknown): void };
  const table = await done((callback) => getTable(tables.endpoints.tables['import-processes']!, callback));
  const item = { id: { S: importId(keyOf(identifier)) }, attempt: { N: '1' }, ...attributes };
  await done((callback) => dynalite.updateIndexes(store, table, undefined, item, callback));
}
function addOpenEntry(identifier: string, at: number): Promise<void> {
  const { listing, listed_at } = listingOf('OPEN', keyOf(identifier), at);
  return addEntry(identifier, { listing: { S: listing }, listed_at: { S: listed_at } });
}
const addDueEntry = (identifier: string, at: number): Promise<void> =>
  addEntry(identifier, { due_shard: { S: dueShard(keyOf(identifier)) }, due_at: { N: String(at) } });

async function sweep(at = now) {
  const { index, swept: records } = storesOf(tables);
  const queues = { endpoint: keptQueue(), bulk: keptQueue() };
  const counts = await sweepImports({ index, records, queues, suppliers: tables.registered })(at);
  return { ...counts, identifiers: queues.endpoint.sent.map(({ key }) => key.externalIdentifier) };
}
const openEntries = async (identifier: string) => {
  const { entries } = await storesOf(tables).index.unfinished(OPEN_PARTITION, now, { limit: 1000 });
  return entries.filter(({ id }) => id === importId(keyOf(identifier)));
};
const dueEntries = async (identifier: string) => {
  const { entries } = await storesOf(tables).index.due(DUE_PARTITION, now + 100 * HOUR, { limit: 1000 });
  return entries.filter(({ id }) => id === importId(keyOf(identifier)));
};
const waitUntil = (start: number) => ({
  taskParameters: { schedule_window_start: new Date(start).toISOString() },
});

describe('the sweeper', () => {
  it.each([
    ['removes', 'whose record moved longer ago than an index may lag', LAG_MAX + 1, 1],
    ['leaves', 'whose record moved so recently that the index may still follow', LAG_MAX, 0],
  ])('%s an entry %s', async (_, __, endedBefore, cleared) => {
    const identifier = newIdentifier();
    const { importIn, item } = storesOf(tables);
    await importIn('DRY_RUN_SUCCEEDED', identifier, now - endedBefore);
    const before = await item(identifier);
    await addOpenEntry(identifier, now - 10 * HOUR);
    await addDueEntry(identifier, now - 10 * HOUR);
    expect(await sweep()).toEqual({ sent: 0, cleared: 2 * cleared, identifiers: [] });
    expect(await openEntries(identifier)).toHaveLength(1 - cleared);
    expect(await dueEntries(identifier)).toHaveLength(1 - cleared);
    expect(await item(identifier)).toEqual(before);
    // Nothing is left for the other tests.
    await sweep(now + HOUR);
    expect(await openEntries(identifier)).toEqual([]);
  });

  it('keeps a waiting import due, and removes its other due entry', async () => {
    const identifier = newIdentifier();
    const { record, item } = storesOf(tables);
    await record(identifier, now - 5 * HOUR, waitUntil(now + 24 * HOUR));
    const before = await item(identifier);
    await addDueEntry(identifier, now - 6 * HOUR);
    expect(await sweep()).toEqual({ sent: 0, cleared: 1, identifiers: [] });
    expect(await item(identifier)).toEqual(before);
    expect(await dueEntries(identifier)).toMatchObject([{ due_at: now + 24 * HOUR }]);
  });

  it('lists a finished import that is listed as open with its final status, and makes it due no longer', async () => {
    const identifier = newIdentifier();
    const { importIn, imports } = storesOf(tables);
    const ended = await importIn('DRY_RUN_SUCCEEDED', identifier, now - 4 * HOUR);
    const { listing, listed_at } = listingOf('OPEN', keyOf(identifier), now - 4 * HOUR);
    await tables.dynamodb.send(
      new UpdateCommand({
        TableName: tables.endpoints.tables['import-processes']!,
        Key: { id: ended.id },
        UpdateExpression:
          'SET listing = :listing, listed_at = :listed_at, due_at = :due_at, due_shard = :due_shard',
        ExpressionAttributeValues: {
          ':listing': listing,
          ':listed_at': listed_at,
          ':due_at': now - 4 * HOUR,
          ':due_shard': DUE_PARTITION,
        },
      }),
    );
    const { cleared, identifiers: sent } = await sweep();
    expect(sent).toEqual([]);
    expect(cleared).toBeGreaterThanOrEqual(1);
    expect(await imports.get(keyOf(identifier))).toEqual(ended);
    expect(await openEntries(identifier)).toEqual([]);
    expect(await dueEntries(identifier)).toEqual([]);
  });

  it('sends only open imports behind more orphaned entries than it reads in a page or sends', async () => {
    const [ended, unknown, open] = [newIdentifier(), newIdentifier(), newIdentifier()];
    const { importIn } = storesOf(tables);
    await importIn('CANCELLED', ended, now - 5 * HOUR);
    await importIn('PENDING', open, now - HOUR);
    for (let number = 0; number < 250; number += 1) {
      await addOpenEntry(unknown, now - 10 * HOUR + number);
      if (number % 50 === 0) await addOpenEntry(ended, now - 10 * HOUR + number);
    }
    expect(await sweep()).toEqual({ sent: 1, cleared: 5, identifiers: [open] });
    expect(await openEntries(ended)).toEqual([]);
    expect(await openEntries(unknown)).toHaveLength(250);
  });
});
