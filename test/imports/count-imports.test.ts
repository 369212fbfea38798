import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ImportStatus } from '../../shared/imports/model/import-process.ts';
import { type ListingClass, listedTime, listingOf } from '../../shared/imports/model/listing.ts';
import type { StoredCounts } from '../../shared/imports/storage/import-counts.ts';
import { COUNT_AGE_MS_MAX, countImports } from '../../shared/imports/use-cases/count-imports.ts';

const SUPPLIER = 'TEST_SUPPLIER';
const PAGE = 3;

/** An index in memory: the entries of imports, by identifier. Pages have three entries. */
function indexInMemory() {
  const imports = new Map<string, { status: ImportStatus; listing: string; listed_at: string }>();
  let calls = 0;
  const entriesOf = (partition: string) =>
    [...imports]
      .map(([id, entry]) => ({ id, ...entry }))
      .filter(({ listing }) => listing === partition)
      .sort((one, other) => (one.listed_at < other.listed_at ? -1 : 1));
  return {
    calls: () => calls,
    put(externalIdentifier: string, listingClass: ListingClass, status: ImportStatus, now: number): void {
      const key = { importSupplier: SUPPLIER, externalIdentifier };
      const { listing, listed_at } = listingOf(listingClass, key, now);
      imports.set(externalIdentifier, { status, listing, listed_at });
    },
    remove: (identifier: string) => imports.delete(identifier),
    /** When the oldest open import was submitted. */
    oldestOpen(): number | undefined {
      const open = [...imports.values()].filter(({ status }) => status === 'PENDING');
      return open.map(listedTime).sort((one, other) => one - other)[0];
    },
    byStatus(): Record<string, number> {
      const found: Record<string, number> = {};
      for (const { status } of imports.values()) found[status] = (found[status] ?? 0) + 1;
      return found;
    },
    index: {
      async count(
        partition: string,
        { after, until }: { after: string | undefined; until: string | undefined },
      ) {
        calls += 1;
        const range = entriesOf(partition).filter(
          ({ listed_at: at }) => (after === undefined || at > after) && (until === undefined || at < until),
        );
        const page = range.slice(0, PAGE);
        return { entries: page.length, upTo: range.length > PAGE ? page.at(-1)!.listed_at : undefined };
      },
      async unfinished(partition: string, _until: number, { limit }: { limit: number }) {
        return { entries: entriesOf(partition).slice(0, limit) as never[], next: undefined };
      },
      async records(ids: readonly string[]) {
        return ids.map((id) => ({ id, ...imports.get(id)! })) as never[];
      },
    },
  };
}

function storeInMemory() {
  let stored: StoredCounts | undefined;
  return {
    get: async () => stored,
    put: async (_: string, counts: StoredCounts) => {
      // As DynamoDB stores it.
      stored = structuredClone(counts);
    },
    forget: async () => {
      stored = undefined;
    },
  };
}

const step = fc.record({
  identifier: fc.integer({ min: 0, max: 2 }).map((number) => String(4_001_000_000 + number)),
  action: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('submit', 'process', 'fail', 'count') },
    { weight: 1, arbitrary: fc.constantFrom('exhaust', 'cancel', 'erase') },
  ),
  seconds: fc.constantFrom(0, 7, 61, 900),
});

it('counts are those of the records once no import is open, whatever happened between counts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
      let now = Date.UTC(2026, 0, 5);
      const memory = indexInMemory();
      const counts = storeInMemory();
      const count = countImports({ index: memory.index, counts, clock: () => now });
      const statuses = new Map<string, ImportStatus>();
      let countedBefore: number | undefined;
      const put = (identifier: string, listingClass: ListingClass, status: ImportStatus): void => {
        memory.put(identifier, listingClass, status, now);
        statuses.set(identifier, status);
      };
      for (const { identifier, action, seconds } of steps) {
        now += seconds * 1000;
        const status = statuses.get(identifier);
        const isOpen = status === 'PENDING' || status === 'IN_PROGRESS';
        if (action === 'count') {
          const { countedAt, oldestOpenSince } = await count(SUPPLIER);
          if (countedAt !== countedBefore) expect(oldestOpenSince).toBe(memory.oldestOpen());
          countedBefore = countedAt;
        }
        if (action === 'submit' && status !== 'PROCESSED' && !isOpen) put(identifier, 'OPEN', 'PENDING');
        if (action === 'process' && isOpen) put(identifier, 'PROCESSED', 'PROCESSED');
        if (action === 'fail' && isOpen) put(identifier, 'ERRORED', 'ERRORED');
        if (action === 'exhaust' && isOpen) put(identifier, 'EXHAUSTED', 'DRY_RUN_ERRORED');
        if (action === 'cancel' && status === 'PENDING') put(identifier, 'CANCELLED', 'CANCELLED');
        if (action === 'erase' && status !== undefined && !isOpen) {
          memory.remove(identifier);
          statuses.delete(identifier);
          await counts.forget();
        }
      }
      for (const [identifier, status] of [...statuses])
        if (status === 'PENDING') put(identifier, 'PROCESSED', 'PROCESSED');
      now += COUNT_AGE_MS_MAX;
      const { byStatus, isExact } = await count(SUPPLIER);
      expect(isExact).toBe(true);
      expect(Object.fromEntries(Object.entries(byStatus).filter(([, entries]) => entries > 0))).toEqual(
        memory.byStatus(),
      );
    }),
    { numRuns: 200 },
  );
});

it('settled entries are counted once, and a fresh count is returned again', async () => {
  let now = Date.UTC(2026, 0, 5);
  const memory = indexInMemory();
  const count = countImports({ index: memory.index, counts: storeInMemory(), clock: () => now });
  for (let number = 0; number < 400; number += 1)
    memory.put(String(4_001_000_000 + number), 'PROCESSED', 'PROCESSED', now);
  now += 120_000;
  await count(SUPPLIER);
  const first = memory.calls();
  await count(SUPPLIER);
  expect(memory.calls()).toBe(first);
  now += COUNT_AGE_MS_MAX;
  expect(await count(SUPPLIER)).toMatchObject({ byStatus: { PROCESSED: 400 }, isExact: true });
  // Three queries for each ended class and one for each open one, in each shard; not the pages of 400 entries.
  expect(memory.calls() - first).toBe(8 * (6 * 3 + 3));
});

it('a count without enough time is not exact, and goes on with the next request', async () => {
  const memory = indexInMemory();
  let now = Date.UTC(2026, 0, 5);
  for (let number = 0; number < 300; number += 1)
    memory.put(String(4_001_000_000 + number), 'PROCESSED', 'PROCESSED', now);
  now += 120_000;
  // Each look at the clock takes 30 ms.
  const count = countImports({
    index: memory.index,
    counts: storeInMemory(),
    clock: () => {
      now += 30;
      return now;
    },
  });
  expect((await count(SUPPLIER)).isExact).toBe(false);
  let counted = await count(SUPPLIER);
  for (let request = 0; request < 60 && !counted.isExact; request += 1) {
    now += COUNT_AGE_MS_MAX;
    counted = await count(SUPPLIER);
  }
  expect(counted).toMatchObject({ byStatus: { PROCESSED: 300 }, isExact: true });
});
