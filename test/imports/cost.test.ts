import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { indexWriteUnits, itemBytes, writeUnits } from '../../infra/local/write-units.ts';
import { decideRetry } from '../../shared/imports/model/decide-action.ts';
import { importError } from '../../shared/imports/model/import-errors.ts';
import { INDEXED_ATTRIBUTES } from '../../shared/imports/storage/import-index.ts';
import type { FinalState } from '../../shared/imports/storage/store.ts';
import { krakenIdentifier } from '../../shared/supply-points/kraken-identifier.ts';
import { identifierNumber } from '../support/requests.ts';
import { startTestTables } from '../support/tables.ts';
import { keyOf, storesOf } from './stores.ts';

let tables: Awaited<ReturnType<typeof startTestTables>>;
beforeAll(async () => {
  tables = await startTestTables();
});
afterAll(() => tables.stop());

const HOUR = 3_600_000;
const INDEXES = [
  { keys: ['listing', 'listed_at'], attributes: INDEXED_ATTRIBUTES },
  { keys: ['due_shard', 'due_at'], attributes: INDEXED_ATTRIBUTES },
];

/** Runs steps on an import one after another. Returns its size after each step, and each step's cost. */
async function measured(identifier: string, steps: (() => Promise<unknown>)[]) {
  const { item } = storesOf(tables);
  const sizes: number[] = [];
  const units: number[] = [];
  let before = await item(identifier);
  for (const step of steps) {
    expect(await step()).toBeTruthy();
    const after = await item(identifier);
    sizes.push(itemBytes(after!));
    const indexed = INDEXES.reduce((sum, index) => sum + indexWriteUnits(before, after, index, ['id']), 0);
    units.push(writeUnits(before, after) + indexed);
    before = after;
  }
  return { sizes, units };
}

/** The writes of one worker run, with a claim of the worker's length. */
function run(identifier: string, attempt: number, finalState: FinalState) {
  const { imports } = storesOf(tables);
  const own = {
    key: keyOf(identifier),
    attempt,
    claim: `${randomUUID()}/${randomUUID()}`,
    now: Date.now() + HOUR,
  };
  return [
    () => imports.claim({ ...own, leaseUntil: own.now + 20_000 }),
    () => imports.finish(own, finalState),
  ];
}

const processed = (identifier: string): FinalState => ({
  status: 'PROCESSED',
  krakenIdentifier: krakenIdentifier(identifier),
});
const errored = (identifier: string): FinalState => ({
  status: 'ERRORED',
  error: importError.supplyPointAlreadyExists(identifier),
});

it('an import of the guide’s example costs seven write units in total', async () => {
  const identifier = identifierNumber(1);
  const { submit, supplyPoints, item } = storesOf(tables);
  const { sizes, units } = await measured(identifier, [
    () => submit(identifier, Date.now()),
    ...run(identifier, 1, processed(identifier)),
  ]);
  // Submission with the index entry, claim without it, finish with the entry moved.
  expect(units).toEqual([2, 1, 3]);
  expect(Math.max(...sizes)).toBeLessThan(1024);

  const identified = identifierNumber(2);
  await submit(identified, Date.now());
  const supplyPoint = {
    identifier: identified,
    kraken_identifier: krakenIdentifier(identified),
    import_supplier: 'TEST_SUPPLIER',
    attempt: 1,
    created_at: Date.now(),
    payload: (await item(identified))!['payload'] as Uint8Array<ArrayBuffer>,
  };
  await supplyPoints.create(supplyPoint);
  expect(writeUnits(undefined, supplyPoint)).toBe(1);
});

it('a record is smaller than one kilobyte at every write, also after a failed retry', async () => {
  const identifier = identifierNumber(3);
  const { imports, submit } = storesOf(tables);
  const retry = async () => {
    const existing = (await imports.get(keyOf(identifier)))!;
    const decision = decideRetry(existing, Date.now() + 2 * HOUR, Date.now() + 2 * HOUR);
    return decision.kind === 'write' && imports.write(decision.record, existing);
  };
  const { sizes, units } = await measured(identifier, [
    () => submit(identifier, Date.now()),
    ...run(identifier, 1, errored(identifier)),
    retry,
    ...run(identifier, 2, errored(identifier)),
  ]);
  expect(Math.max(...sizes)).toBeLessThan(1024);
  expect(units).toEqual([2, 1, 3, 3, 1, 3]);
});

it('a waiting import costs one more index write, and two when its window opens', async () => {
  const identifier = identifierNumber(4);
  const { index, submit } = storesOf(tables);
  const now = Date.now();
  const start = now + HOUR;
  const window = {
    schedule_window_start: new Date(start).toISOString(),
    schedule_window_end: new Date(start + HOUR).toISOString(),
  };
  const { sizes, units } = await measured(identifier, [
    () => submit(identifier, now, window),
    async () => {
      const due = await storesOf(tables).item(identifier);
      const { entries } = await index.due(String(due!['due_shard']), start, { limit: 10 });
      return index.sent(entries[0]!, { listingClass: 'OPEN', isAddedToHistory: true }, start);
    },
    ...run(identifier, 1, processed(identifier)),
  ]);
  expect(Math.max(...sizes)).toBeLessThan(1024);
  expect(units).toEqual([3, 4, 1, 3]);
});
