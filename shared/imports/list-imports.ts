import { BATCH_GET_ITEMS_MAX } from './batch-get.ts';
import { writeCursor } from './cursor.ts';
import type { ImportIndex, Listed, ListedRecord } from './import-index.ts';
import { importKey } from './import-process.ts';
import type { ListQuery } from './list-query.ts';
import { CLASSES_OF_STATUS, LISTING_CLASSES, listingPartitions } from './listing.ts';
import { mergedPartitions } from './merged-partitions.ts';
import { SHARDS_PER_SUPPLIER } from './shards.ts';
import { type StatusBody, statusBody } from './status-body.ts';

/**
 * Entries that one page looks at. A page that finds fewer that match is shorter, and its cursor goes on: who lists what is
 * IN_PROGRESS among a million that wait gets short pages instead of a time-out.
 */
export const EXAMINED_MAX = 500;

/** A page: its records, and where the next one goes on; undefined: there is none. */
export type ListPage = { records: ListedRecord[]; next: string | undefined };

/**
 * Lists a supplier's imports, newest change first: when they were submitted, sent again, or ended. (A start is no change
 * here: a claim does not touch the index, so what is IN_PROGRESS stands where it was submitted.)
 *
 * Stable under change: a page goes on after a place in that order, and every import has one place at a time. Whoever pages
 * to the end sees each import that does not change meanwhile exactly once, and one that changes at most once: it moves to
 * the front, where those see it who begin anew. The index lags a moment behind the records, which are what is told: an entry
 * that is not its record's place any more is passed over.
 *
 * Costs half a read unit a partition (8 to 72), and one an import that is looked at. @throws what DynamoDB's client throws.
 */
export function listImports(index: Pick<ImportIndex, 'listed' | 'records'>) {
  return async (query: ListQuery): Promise<ListPage> => {
    const { importSupplier, status, pageSize } = query;
    const classes = status === undefined ? LISTING_CLASSES : CLASSES_OF_STATUS[status];
    const partitions = classes.flatMap((listingClass) => listingPartitions(importSupplier, listingClass));
    const merged = mergedPartitions(index.listed, partitions, {
      after: query.after,
      chunk: chunkOf(pageSize),
    });

    const records: ListedRecord[] = [];
    let next = query.after;
    let batch = pageSize;
    for (let examined = 0; examined < EXAMINED_MAX; batch = Math.min(2 * batch, BATCH_GET_ITEMS_MAX)) {
      const entries = await merged.next(Math.min(batch, EXAMINED_MAX - examined));
      if (entries.length === 0) return { records, next: undefined };
      examined += entries.length;
      for (const { entry, record } of await withRecords(index, entries)) {
        if (records.length === pageSize) return { records, next };
        next = entry.listed_at;
        if (record !== undefined && (status === undefined || record.status === status)) records.push(record);
      }
      if (records.length === pageSize) {
        const isLast = (await merged.next(1)).length === 0;
        return { records, next: isLast ? undefined : next };
      }
    }
    return { records, next };
  };
}

/** Entries that are read of a partition at a time: identifiers are spread, so twice the even share is nearly always enough. */
const chunkOf = (pageSize: number): number => Math.max(5, Math.ceil((2 * pageSize) / SHARDS_PER_SUPPLIER));

/** The entries with the records whose place they are; without one where the record has moved on. */
async function withRecords(
  index: Pick<ImportIndex, 'records'>,
  entries: readonly Listed[],
): Promise<{ entry: Listed; record: ListedRecord | undefined }[]> {
  const records = await index.records([...new Set(entries.map(({ id }) => id))]);
  const found = new Map(records.map((record) => [record.id, record]));
  return entries.map((entry) => {
    const record = found.get(entry.id);
    const isHere = record?.listing === entry.listing && record.listed_at === entry.listed_at;
    return { entry, record: isHere ? record : undefined };
  });
}

/** The list endpoint's body: each import as its status endpoint tells it, with its identifier; times in the given IANA time zone. */
export function listBody(
  { records, next }: ListPage,
  { importSupplier, status }: ListQuery,
  timeZone: string,
): { results: ({ external_identifier: string } & StatusBody)[]; next_cursor: string | null } {
  return {
    results: records.map((record) => ({
      external_identifier: importKey(record.id).externalIdentifier,
      ...statusBody(record, timeZone),
    })),
    next_cursor:
      next === undefined
        ? null
        : writeCursor({ supplier: importSupplier, status: status ?? null, after: next }),
  };
}
