import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dueShard } from '../../shared/imports/model/due.ts';
import { importId } from '../../shared/imports/model/import-process.ts';
import { listingOf } from '../../shared/imports/model/listing.ts';
import { shardOf } from '../../shared/imports/model/shards.ts';
import { busEvents, startTestHost, statusOf, type TestHost } from '../support/host.ts';
import { identifierNumber } from '../support/requests.ts';
import { keyOf, storesOf } from './stores.ts';

/** More entries than one sweep sends from a partition, and than one page has. */
const ORPHANED_ENTRIES = 250;
const HOUR = 3_600_000;
const now = Date.now();

/** Identifiers of one shard, so that their index entries share partitions. */
const identifiers = Array.from({ length: 200 }, (_, index) => identifierNumber(index)).filter(
  (identifier) => shardOf(identifier) === 0,
);
const [ended, waiting, misplaced, unknown, open] = identifiers as [string, string, string, string, string];
const OPEN_PARTITION = listingOf('OPEN', keyOf(open), 0).listing;

const stateFolder = mkdtempSync(join(tmpdir(), 'supply-point-import-orphaned-'));
let host: TestHost;
beforeAll(async () => {
  host = await startTestHost({ stateFolder });
  const { imports, submit } = storesOf(host);
  const table = host.endpoints.tables['import-processes']!;
  const end = async (identifier: string) => {
    const record = await imports.get(keyOf(identifier));
    await imports.finishUnclaimed(record!, { status: 'DRY_RUN_SUCCEEDED' }, now - 4 * HOUR);
  };
  for (const identifier of [ended, misplaced]) {
    await submit(identifier, now - 5 * HOUR, { is_dry_run: true });
    await end(identifier);
  }
  const { listing, listed_at } = listingOf('OPEN', keyOf(misplaced), now - 4 * HOUR);
  await host.dynamodb.send(
    new UpdateCommand({
      TableName: table,
      Key: { id: importId(keyOf(misplaced)) },
      UpdateExpression: 'SET listing = :listing, listed_at = :listed_at',
      ExpressionAttributeValues: { ':listing': listing, ':listed_at': listed_at },
    }),
  );
  const tomorrow = new Date(now + 24 * HOUR).toISOString();
  await submit(waiting, now - 5 * HOUR, { schedule_window_start: tomorrow });
  await submit(open, now - HOUR);
  await host.stop();
  await addOrphanedEntries(table);
  host = await startTestHost({ stateFolder });
}, 60_000);
afterAll(async () => {
  await host.stop();
  rmSync(stateFolder, { recursive: true, force: true });
});

/**
 * Simulates a kill of dynalite between two writes. It writes an item's index entries first and then the item, and here the
 * second write is missing.
 */
async function addOrphanedEntries(tableName: string): Promise<void> {
  const dynalite = createRequire(import.meta.url)('dynalite/db/index.js');
  const store = dynalite.create({ path: join(stateFolder, 'dynamodb') });
  const done = <T>(call: (callback: (error: unknown, value: T) => void) => void): Promise<T> =>
    new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value))));
  const table = await done((callback) => store.getTable(tableName, callback));
  const add = (identifier: string, attributes: Record<string, unknown>) => {
    const item = { id: { S: importId(keyOf(identifier)) }, attempt: { N: '1' }, ...attributes };
    return done((callback) => dynalite.updateIndexes(store, table, undefined, item, callback));
  };
  for (let index = 0; index < ORPHANED_ENTRIES; index += 1) {
    for (const identifier of [ended, unknown]) {
      const place = listingOf('OPEN', keyOf(identifier), now - 10 * HOUR + index);
      await add(identifier, { listing: { S: place.listing }, listed_at: { S: place.listed_at } });
    }
  }
  for (const identifier of [ended, waiting]) {
    const due_shard = { S: dueShard(keyOf(identifier)) };
    await add(identifier, { due_shard, due_at: { N: String(now - 6 * HOUR) } });
  }
  await done((callback) => store.db.close(callback));
}

const openEntries = async () => {
  const { entries } = await storesOf(host).index.unfinished(OPEN_PARTITION, now, { limit: 1000 });
  return entries.map(({ id }) => id);
};
const dueEntries = async () => {
  const shard = dueShard(keyOf(open));
  return (await storesOf(host).index.due(shard, now + 100 * HOUR, { limit: 1000 })).entries;
};

it('the emulator’s index has entries without a matching record', async () => {
  expect(await openEntries()).toHaveLength(2 * ORPHANED_ENTRIES + 2);
  expect(await dueEntries()).toHaveLength(3);
});

it('the sweeper sends only open imports behind 500 orphaned entries, and removes orphaned entries of existing imports', async () => {
  const before = await storesOf(host).item(ended);
  await host.invoke('sweeper');
  await statusOf(host, open, ['PROCESSED']);
  const worked = host.logs('worker').filter((line) => line.includes('"import worked on"'));
  expect(worked.map((line) => JSON.parse(line).externalIdentifier)).toEqual([open]);
  expect(new Set(await openEntries())).toEqual(new Set([importId(keyOf(unknown))]));
  expect(await storesOf(host).item(ended)).toEqual(before);
  const events = await busEvents<{ detail: { external_identifier: string } }>(host);
  expect(events.map(({ detail }) => detail.external_identifier)).toEqual([open]);
});

it('waiting imports stay due, and finished ones are listed with their final status', async () => {
  const due = await dueEntries();
  expect(due.map(({ id, due_at }) => [id, due_at])).toEqual([[importId(keyOf(waiting)), now + 24 * HOUR]]);
  expect(await storesOf(host).item(misplaced)).toMatchObject(
    listingOf('DRY_RUN_SUCCEEDED', keyOf(misplaced), now - 4 * HOUR),
  );
});
