import fc from 'fast-check';
import { expect, it } from 'vitest';
import { IMPORT_STATUSES, type ImportStatus } from '../../shared/imports/model/import-process.ts';
import { CLASSES_OF_STATUS, listingOf, listingPartitions } from '../../shared/imports/model/listing.ts';
import type { Listed, ListedRecord } from '../../shared/imports/storage/import-index.ts';
import { EXAMINED_MAX, listImports } from '../../shared/imports/use-cases/list-imports.ts';

const SUPPLIER = 'TEST_SUPPLIER';
const statuses = fc.constantFrom(...IMPORT_STATUSES);
const identifierOf = (id: string): string => id.split('#')[1]!;

/** A change of an import after a number of calls. The index has it `lag` calls later. */
type Change = { import: number; status: ImportStatus; afterCalls: number; lag: number };

/** A table that changes while it is listed, with a lagging index. Times start at 1. */
function changingTable(initial: readonly ImportStatus[], changes: readonly Change[]) {
  const records = new Map<string, ListedRecord>();
  const index = new Map<string, Listed>();
  const changed = new Set<string>();
  let calls = 0;
  let clock = 0;
  const put = (number: number, status: ImportStatus, isTogether: boolean): ListedRecord => {
    if (!isTogether) clock += 1;
    const id = `${SUPPLIER}#${String(number).padStart(4, '0')}`;
    const before = records.get(id);
    // A claim changes the status and no attribute of the index.
    const isClaim = status === 'IN_PROGRESS' && before?.status === 'PENDING';
    const key = { importSupplier: SUPPLIER, externalIdentifier: identifierOf(id) };
    const listed = isClaim ? before : listingOf(CLASSES_OF_STATUS[status].at(-1)!, key, clock);
    const { listing, listed_at } = listed;
    const record = { id, status, created_at: 0, modified_at: clock, listing, listed_at };
    records.set(id, record);
    return record;
  };
  // Groups of three share a millisecond, like rows of a drop.
  for (const [number, status] of initial.entries()) {
    const record = put(number, status, number % 3 > 0);
    index.set(record.id, record);
  }
  const step = () => {
    calls += 1;
    for (const change of changes) {
      if (change.afterCalls !== calls || change.import >= initial.length) continue;
      const record = put(change.import, change.status, false);
      changed.add(record.id);
      lagging.push({ record, at: calls + change.lag });
    }
    for (const { record, at } of lagging) if (at === calls) index.set(record.id, record);
  };
  const lagging: { record: ListedRecord; at: number }[] = [];
  return {
    records,
    changed,
    async listed(partition: string, { after, limit }: { after: string | undefined; limit: number }) {
      step();
      const all = [...index.values()]
        .filter(
          ({ listing, listed_at }) => listing === partition && (after === undefined || listed_at < after),
        )
        .sort((one, other) => (one.listed_at < other.listed_at ? 1 : -1));
      return { entries: all.slice(0, limit), more: all.length > limit };
    },
    async recordsOf(ids: readonly string[]) {
      step();
      expect(ids.length).toBeLessThanOrEqual(100);
      return ids.map((id) => ({ ...records.get(id)! })).reverse();
    },
  };
}

async function listedWhole(
  table: ReturnType<typeof changingTable>,
  status: ImportStatus | undefined,
  pageSize: number,
) {
  const list = listImports({ listed: table.listed, records: table.recordsOf });
  const pages: ListedRecord[][] = [];
  let after: string | undefined;
  do {
    const page = await list({ importSupplier: SUPPLIER, status, pageSize, after });
    pages.push(page.records);
    after = page.next;
  } while (after !== undefined);
  return pages;
}

it('a list contains every import once, latest change first, in pages of the requested size', async () => {
  const filters = fc.option(statuses, { nil: undefined });
  await fc.assert(
    fc.asyncProperty(
      fc.array(statuses, { maxLength: 60 }),
      filters,
      fc.integer({ min: 1, max: 30 }),
      async (initial, status, pageSize) => {
        const table = changingTable(initial, []);
        const pages = await listedWhole(table, status, pageSize);
        const expected = [...table.records.values()]
          .filter((record) => status === undefined || record.status === status)
          .sort((one, other) => (one.listed_at < other.listed_at ? 1 : -1));
        expect(pages.flat()).toEqual(expected);
        for (const page of pages.slice(0, -1)) expect(page).toHaveLength(pageSize);
      },
    ),
  );
});

it('a list under concurrent changes contains each unchanged import exactly once and no import twice', async () => {
  const change = fc.record({
    import: fc.nat(39),
    status: statuses,
    afterCalls: fc.integer({ min: 1, max: 200 }),
    lag: fc.nat(300),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(statuses, { minLength: 10, maxLength: 40 }),
      fc.array(change, { maxLength: 120 }),
      fc.option(statuses, { nil: undefined }),
      fc.integer({ min: 1, max: 10 }),
      async (initial, changes, status, pageSize) => {
        const table = changingTable(initial, changes);
        const before = [...table.records.values()];
        const shown = (await listedWhole(table, status, pageSize)).flat();
        const ids = shown.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        const places = shown.map(({ listed_at }) => listed_at);
        expect(places).toEqual([...places].sort().reverse());
        if (status !== undefined) expect(shown.every((record) => record.status === status)).toBe(true);
        const unchanged = before.filter(
          (record) => !table.changed.has(record.id) && (status === undefined || record.status === status),
        );
        expect(ids).toEqual(expect.arrayContaining(unchanged.map(({ id }) => id)));
      },
    ),
    { numRuns: 300 },
  );
});

it('a list with few matches examines a limited number of entries per page and reaches the last match', async () => {
  const initial = Array.from({ length: 2 * EXAMINED_MAX + 100 }, (_, number) =>
    number % 400 === 0 ? ('IN_PROGRESS' as const) : ('PENDING' as const),
  );
  const pages = await listedWhole(changingTable(initial, []), 'IN_PROGRESS', 20);
  expect(pages).toHaveLength(3);
  expect(pages.flat().map(({ id }) => identifierOf(id))).toEqual(['0800', '0400', '0000']);
});

it('a list without a filter reads all eight shards of every class', async () => {
  const asked = new Set<string>();
  const table = changingTable([], []);
  const listed: typeof table.listed = (partition, options) => {
    asked.add(partition);
    return table.listed(partition, options);
  };
  await listImports({ listed, records: table.recordsOf })({
    importSupplier: SUPPLIER,
    status: undefined,
    pageSize: 20,
    after: undefined,
  });
  expect(asked.size).toBe(72);
  expect([...asked]).toEqual(expect.arrayContaining(listingPartitions(SUPPLIER, 'EXHAUSTED')));
});
