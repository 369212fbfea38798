import type { ImportStatus } from '../model/import-process.ts';
import { CLASSES_OF_STATUS, LISTING_CLASSES, listingPartitions } from '../model/listing.ts';
import { SHARDS_PER_SUPPLIER } from '../model/shards.ts';
import { BATCH_GET_ITEMS_MAX } from '../storage/batch-get.ts';
import type { ImportIndex, Listed, ListedRecord } from '../storage/import-index.ts';
import { mergedPartitions } from '../storage/merged-partitions.ts';

/**
 * Maximum number of entries that one page examines. A page with fewer matches is shorter and has a cursor. A list of the few
 * IN_PROGRESS imports among a million PENDING ones thus has short pages and no time-outs.
 */
export const EXAMINED_MAX = 500;

/** What to list. */
export type ListQuery = {
  importSupplier: string;
  /** Undefined: all statuses. */
  status: ImportStatus | undefined;
  /** At most {@link PAGE_SIZE_MAX}. */
  pageSize: number;
  /** The page starts after this position. Undefined: the first page. */
  after: string | undefined;
};

/** The maximum number of records in one BatchGetItem. */
export const PAGE_SIZE_MAX = BATCH_GET_ITEMS_MAX;

/** A page of records, and the position after which the next page starts; undefined on the last page. */
export type ListPage = { records: ListedRecord[]; next: string | undefined };

/**
 * Lists a supplier's imports, latest change first. A change is a submission, a resend by the sweeper, or a final status. A
 * start is none, because a claim does not touch the index: an IN_PROGRESS import has the position of its submission.
 *
 * Pages are stable under concurrent changes. A page starts after a position in this order, and every import has one position at
 * a time. A reader of all pages sees each unchanged import exactly once, and each changed import at most once: it moves to the
 * front and appears only when the listing is started again. The index is eventually consistent. The response contains the
 * records, and entries that no longer match their record's position are skipped.
 *
 * Costs half a read unit for each partition (8 to 72), and one for each import examined.
 *
 * @throws errors of DynamoDB's client.
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

/**
 * Number of entries read from a partition at a time. Identifiers are spread evenly, so twice the even share is nearly always
 * enough.
 */
const chunkOf = (pageSize: number): number => Math.max(5, Math.ceil((2 * pageSize) / SHARDS_PER_SUPPLIER));

/** Returns the entries with their records, or without a record if it has moved to another position. */
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
