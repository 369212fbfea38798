import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dueShard } from '../../shared/imports/model/due.ts';
import { listingOf } from '../../shared/imports/model/listing.ts';
import type { Due, Unfinished } from '../../shared/imports/storage/import-index.ts';
import { classifyEntry, type SweptRecord } from '../../shared/imports/storage/swept-records.ts';
import { startTestTables } from '../support/tables.ts';
import { keyOf, storesOf } from './stores.ts';

let tables: Awaited<ReturnType<typeof startTestTables>>;
beforeAll(async () => {
  tables = await startTestTables();
});
afterAll(() => tables.stop());

const MINUTE = 60_000;
const NOW = Date.UTC(2030, 0, 7, 9);
const LATER = NOW + 20 * MINUTE;
let taken = 0;
const newIdentifier = (): string => String(4_004_000_000 + ++taken);
const openEntry = (identifier: string, at: number): Unfinished => ({
  id: `TEST_SUPPLIER#${identifier}`,
  ...listingOf('OPEN', keyOf(identifier), at),
  attempt: 1,
  lane: 'endpoint',
});
const dueEntry = (identifier: string, at: number): Due => ({
  id: `TEST_SUPPLIER#${identifier}`,
  due_at: at,
  attempt: 1,
  lane: 'endpoint',
});
/** A record as the sweeper reads it. */
async function swept(identifier: string): Promise<SweptRecord> {
  const id = `TEST_SUPPLIER#${identifier}`;
  return (await storesOf(tables).swept.of([id])).get(id)!;
}
const waitUntil = (start: number) => ({
  taskParameters: { schedule_window_start: new Date(start).toISOString() },
});

describe('an index entry', () => {
  const record = (change: Partial<SweptRecord>): SweptRecord => ({
    id: 'TEST_SUPPLIER#1',
    status: 'PENDING',
    attempt: 1,
    modified_at: NOW,
    history: [],
    ...listingOf('OPEN', keyOf('1'), NOW),
    ...change,
  });
  const open = openEntry('1', NOW);
  const due = dueEntry('1', NOW);

  it.each([
    ['open', 'of an unfinished record', open, record({}), LATER],
    ['open', 'of a record that a worker holds', open, record({ status: 'IN_PROGRESS' }), LATER],
    ['open', 'of a record that waits', due, record({ due_at: NOW }), LATER],
    ['misplaced', 'of a finished record', open, record({ status: 'PROCESSED' }), LATER],
    [
      'misplaced',
      'of a finished record that waits',
      due,
      record({ status: 'CANCELLED', due_at: NOW }),
      LATER,
    ],
    ['outdated', 'without a record', open, undefined, LATER],
    ['outdated', 'of another time', openEntry('1', 0), record({}), NOW + 10 * MINUTE],
    ['orphaned', 'of another time, later', openEntry('1', 0), record({}), NOW + 10 * MINUTE + 1],
    ['orphaned', 'of another class', open, record(listingOf('SLOW', keyOf('1'), NOW)), LATER],
    ['orphaned', 'of another start', due, record({ due_at: NOW + 1 }), LATER],
    ['orphaned', 'of a start of a record that does not wait', due, record({}), LATER],
  ] as const)('is %s: %s', (state, _, entry, found, now) => {
    expect(classifyEntry(entry, found, now)).toBe(state);
  });
});

describe('the records of entries', () => {
  it('are read by their ids, each once, without those that do not exist', async () => {
    const [one, other] = [newIdentifier(), newIdentifier()];
    const { importIn, swept: records } = storesOf(tables);
    const stored = await importIn('ERRORED', one, NOW);
    await importIn('PENDING', other, NOW);
    const ids = [one, other, one, newIdentifier()].map((identifier) => `TEST_SUPPLIER#${identifier}`);
    const found = await records.of(ids);
    expect([...found.keys()].sort()).toEqual(ids.slice(0, 2));
    const { id, status, attempt, modified_at, latest_error, listing, listed_at, history } = stored;
    expect(found.get(id)).toEqual({
      id,
      status,
      attempt,
      modified_at,
      latest_error,
      listing,
      listed_at,
      history,
    });
  });

  it('of none are none, without a read', async () => {
    const nothing = storesOf({ ...tables, dynamodb: undefined as never }).swept;
    expect(await nothing.of([])).toEqual(new Map());
  });
});

describe('listing a record with its final status', () => {
  it('uses the time at which it ended, and leaves the revision', async () => {
    const identifier = newIdentifier();
    const { importIn, imports, swept: records } = storesOf(tables);
    const ended = await importIn('ERRORED', identifier, NOW);
    const misplaced = {
      ...ended,
      ...listingOf('OPEN', keyOf(identifier), NOW - MINUTE),
      due_at: NOW,
      due_shard: 'x',
    };
    await imports.write(misplaced, ended);
    expect(await records.relist(await swept(identifier))).toBe(true);
    expect(await imports.get(keyOf(identifier))).toEqual(ended);
  });

  it.each(['PENDING', 'IN_PROGRESS'] as const)('is not possible while it is %s', async (status) => {
    const identifier = newIdentifier();
    const { importIn, imports, swept: records } = storesOf(tables);
    const before = await importIn(status, identifier, NOW);
    expect(await records.relist(await swept(identifier))).toBe(false);
    expect(await imports.get(keyOf(identifier))).toEqual(before);
  });

  it.each([
    ['modified', { modified_at: NOW + 1 }],
    ['moved', { listing: 'elsewhere' }],
  ])('is not done if it was %s meanwhile', async (_, change) => {
    const identifier = newIdentifier();
    const { importIn, imports, swept: records } = storesOf(tables);
    const ended = await importIn('CANCELLED', identifier, NOW);
    const read = await swept(identifier);
    await imports.write({ ...ended, ...change }, ended);
    expect(await records.relist(read)).toBe(false);
    expect(await imports.get(keyOf(identifier))).toEqual({ ...ended, ...change });
  });
});

describe('clearing an entry', () => {
  const START = NOW + 24 * 60 * MINUTE;

  it.each([
    ['listed', 'that is listed', {}, openEntry],
    ['due', 'that waits', waitUntil(START), dueEntry],
    ['due', 'that does not wait', {}, dueEntry],
  ] as const)('of the %s index moves a record %s there and back', async (_, __, options, entryOf) => {
    const identifier = newIdentifier();
    const { record, item, swept: records } = storesOf(tables);
    await record(identifier, NOW, options);
    const before = await item(identifier);
    // The local emulator adds and removes the entry with these writes: orphaned-entries.test.ts.
    expect(await records.clear(entryOf(identifier, NOW - MINUTE), await swept(identifier))).toBe(true);
    expect(await item(identifier)).toEqual(before);
  });

  it.each([
    ['listed elsewhere', openEntry, { listed_at: '0#1' }],
    ['listed in another class', openEntry, { listing: 'other' }],
    ['due', dueEntry, { due_at: START, due_shard: 'other' }],
  ] as const)('does nothing if the record is %s meanwhile', async (_, entryOf, change) => {
    const identifier = newIdentifier();
    const { importIn, imports, swept: records } = storesOf(tables);
    const before = await importIn('PENDING', identifier, NOW);
    const read = await swept(identifier);
    await imports.write({ ...before, ...change }, before);
    expect(await records.clear(entryOf(identifier, NOW - MINUTE), read)).toBe(false);
    expect(await imports.get(keyOf(identifier))).toEqual({ ...before, ...change });
  });

  it('does nothing if a waiting record waits for another start, or was erased', async () => {
    const identifier = newIdentifier();
    const { record, imports, swept: records, item } = storesOf(tables);
    await record(identifier, NOW, waitUntil(START));
    const read = await swept(identifier);
    await record(identifier, NOW, waitUntil(START + MINUTE));
    const entry = dueEntry(identifier, NOW - MINUTE);
    expect(await records.clear(entry, read)).toBe(false);
    const changed = (await imports.get(keyOf(identifier)))!;
    expect(changed).toMatchObject({ due_at: START + MINUTE, due_shard: dueShard(keyOf(identifier)) });
    await imports.remove(keyOf(identifier), changed);
    const { due_at: _, ...notWaiting } = read;
    expect(await records.clear(entry, notWaiting)).toBe(false);
    expect(await item(identifier)).toBeUndefined();
  });
});
