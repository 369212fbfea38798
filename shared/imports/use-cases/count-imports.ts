import { mapConcurrently } from '../../map-concurrently.ts';
import { IMPORT_STATUSES, type ImportStatus } from '../model/import-process.ts';
import {
  LISTING_CLASSES,
  type ListingClass,
  listedTime,
  listingPartitions,
  positionsUntil,
} from '../model/listing.ts';
import { SHARDS } from '../model/shards.ts';
import type { ImportCounts, PartitionCount, StoredCounts } from '../storage/import-counts.ts';
import type { ImportIndex } from '../storage/import-index.ts';

/** A supplier's imports by status. */
export type SupplierCounts = {
  byStatus: Record<ImportStatus, number>;
  /** False while imports are open or not all were counted: the counts may then be a little off. */
  isExact: boolean;
  /** Epoch ms. */
  countedAt: number;
  /** Since when the oldest import that may start is open, epoch ms. Undefined if there is none. */
  oldestOpenSince: number | undefined;
};

/** Age until which a count is returned again. */
export const COUNT_AGE_MS_MAX = 5_000;
/** Time for one count, which then goes on with the next request. The function's timeout is 10 seconds. */
const TIME_MS_MAX = 6_000;
/** Entries from this time on are counted anew each time: they may still appear in the index, or have a slow clock's time. */
const UNSETTLED_MS = 60_000;
/** Age after which a shard is counted from its start although nothing seems to have changed: expired imports leave without a trace. */
const RECOUNT_MS = 3_600_000;
/** Open or exhausted imports whose records are read for their status. */
const RECORDS_MAX = 500;

const OPEN_CLASSES = ['OPEN', 'SLOW', 'WAITING'] as const;
type OpenClass = (typeof OPEN_CLASSES)[number];
const isOpenClass = (name: ListingClass): name is OpenClass =>
  (OPEN_CLASSES as readonly string[]).includes(name);
const ENDED_CLASSES = LISTING_CLASSES.filter((name) => !isOpenClass(name));

type Dependencies = {
  index: Pick<ImportIndex, 'count' | 'unfinished' | 'records'>;
  counts: ImportCounts;
  /** The current time, epoch ms. */
  clock: () => number;
};

/**
 * Counts a supplier's imports by status. It writes nothing for an import: the counts are those of the `listing` index, whose entries cost
 * 0.5 read units for about 40. Ended imports are counted once, up to a position that is stored, and later only from there on. An import can
 * leave an ended class only by becoming open, by erasure, or by expiry. So once a shard has no open imports, and it had some at the last
 * count or has ended imports from after its last full count, its ended imports are counted from the start.
 *
 * The counts are exact once no import is open and the index is consistent. While imports are open they are at most
 * {@link COUNT_AGE_MS_MAX} old, and may be off by the imports that moved during the count or were retried since.
 *
 * @throws errors of DynamoDB's client.
 */
export function countImports({ index, counts, clock }: Dependencies) {
  return async (importSupplier: string): Promise<SupplierCounts> => {
    const now = clock();
    const stored = await counts.get(importSupplier);
    if (stored !== undefined && now - stored.countedAt < COUNT_AGE_MS_MAX) return resultOf(stored);
    const deadline = now + TIME_MS_MAX;
    const isLate = () => clock() > deadline;
    const shards = await mapConcurrently(SHARDS, SHARDS.length, (shard) =>
      countShard({ index, isLate }, { importSupplier, shard, now, stored }),
    );
    const sum = (name: ListingClass) => shards.reduce((total, { classes }) => total + classes[name], 0);
    const openEntries = OPEN_CLASSES.reduce((total, name) => total + sum(name), 0);
    const byStatus = Object.fromEntries(IMPORT_STATUSES.map((status) => [status, 0])) as Record<
      ImportStatus,
      number
    >;
    for (const name of ENDED_CLASSES) if (name !== 'EXHAUSTED') byStatus[name as ImportStatus] += sum(name);
    const oldestOpenSince = await addByRecords(
      index,
      importSupplier,
      byStatus,
      { PENDING: openEntries, ERRORED: sum('EXHAUSTED') },
      now + UNSETTLED_MS,
    );
    const isComplete = shards.every(({ isComplete }) => isComplete);
    const counted: StoredCounts = {
      countedAt: now,
      recountedAt: shards.map(({ recountedAt }) => recountedAt),
      open: shards.map(({ classes }) => OPEN_CLASSES.reduce((total, name) => total + classes[name], 0)),
      partitions: Object.assign({}, ...shards.map(({ partitions }) => partitions)),
      byStatus,
      isExact: isComplete && openEntries === 0,
      ...(oldestOpenSince !== undefined && { oldestOpenSince }),
    };
    await counts.put(importSupplier, counted);
    return resultOf(counted);
  };
}

const resultOf = ({ byStatus, isExact, countedAt, oldestOpenSince }: StoredCounts): SupplierCounts => ({
  byStatus: byStatus as Record<ImportStatus, number>,
  isExact,
  countedAt,
  oldestOpenSince,
});

type Counting = { index: Pick<ImportIndex, 'count'>; isLate: () => boolean };
type Shard = {
  importSupplier: string;
  shard: number;
  now: number;
  stored: StoredCounts | undefined;
};
type CountedShard = {
  classes: Record<ListingClass, number>;
  partitions: Record<string, PartitionCount>;
  recountedAt: number;
  isComplete: boolean;
};

async function countShard(
  counting: Counting,
  { importSupplier, shard, now, stored }: Shard,
): Promise<CountedShard> {
  const partitionOf = (name: ListingClass) => listingPartitions(importSupplier, name)[shard]!;
  const classes = Object.fromEntries(LISTING_CLASSES.map((name) => [name, 0])) as Record<
    ListingClass,
    number
  >;
  let isComplete = true;
  let open = 0;
  for (const name of OPEN_CLASSES) {
    const all = await countRange(counting, partitionOf(name), undefined, undefined);
    classes[name] = all.entries;
    open += all.entries;
    isComplete &&= all.isComplete;
  }
  const settled = positionsUntil(now - UNSETTLED_MS);
  const count = async (base: (name: ListingClass) => PartitionCount | undefined) => {
    const partitions: Record<string, PartitionCount> = {};
    for (const name of ENDED_CLASSES) {
      const partition = partitionOf(name);
      const from = base(name);
      const part = await countRange(counting, partition, from?.upTo, settled);
      const entries = (from?.entries ?? 0) + part.entries;
      partitions[partition] = { entries, upTo: part.isComplete ? settled : (part.upTo ?? '') };
      const tail = part.isComplete
        ? await countRange(counting, partition, settled, undefined)
        : { entries: 0, isComplete: false };
      classes[name] = entries + tail.entries;
      isComplete &&= part.isComplete && tail.isComplete;
    }
    return partitions;
  };
  const partitions = await count((name) => stored?.partitions[partitionOf(name)]);
  const recountedAt = stored?.recountedAt[shard] ?? now;
  if (stored === undefined || !isComplete || open > 0)
    return { classes, partitions, recountedAt, isComplete };
  const isDue =
    now - recountedAt > RECOUNT_MS ||
    (stored.open[shard] ?? 0) > 0 ||
    (await hasEntriesAfter(counting, ENDED_CLASSES.map(partitionOf), recountedAt - UNSETTLED_MS));
  if (!isDue) return { classes, partitions, recountedAt, isComplete };
  const recounted = await count(() => undefined);
  return { classes, partitions: recounted, recountedAt: now, isComplete };
}

/** Whether a partition has an entry from after a time (epoch ms): then an import may have left another one since. */
async function hasEntriesAfter(
  { index }: Counting,
  partitions: readonly string[],
  epochMs: number,
): Promise<boolean> {
  const after = positionsUntil(epochMs);
  const pages = await Promise.all(partitions.map((each) => index.count(each, { after, until: undefined })));
  return pages.some(({ entries }) => entries > 0);
}

/** Counts the entries of a partition with positions after `after` and up to `until`, page by page, until time is up. */
async function countRange(
  { index, isLate }: Counting,
  partition: string,
  after: string | undefined,
  until: string | undefined,
): Promise<{ entries: number; upTo: string | undefined; isComplete: boolean }> {
  let entries = 0;
  let upTo = after;
  for (;;) {
    if (isLate()) return { entries, upTo, isComplete: false };
    const page = await index.count(partition, { after: upTo, until });
    entries += page.entries;
    if (page.upTo === undefined) return { entries, upTo, isComplete: true };
    upTo = page.upTo;
  }
}

/**
 * Adds open and exhausted imports by the status in their records. The index has no status, because a claim would then cost index writes.
 * Beyond {@link RECORDS_MAX}, imports are counted as PENDING or ERRORED.
 *
 * @returns since when the oldest import that may start is open, epoch ms
 */
async function addByRecords(
  index: Pick<ImportIndex, 'unfinished' | 'records'>,
  importSupplier: string,
  byStatus: Record<ImportStatus, number>,
  entries: { PENDING: number; ERRORED: number },
  until: number,
): Promise<number | undefined> {
  let oldest: number | undefined;
  for (const [status, classes] of [
    ['PENDING', OPEN_CLASSES],
    ['ERRORED', ['EXHAUSTED']],
  ] as const) {
    byStatus[status] += entries[status];
    if (entries[status] === 0) continue;
    const partitions = classes.flatMap((name) => listingPartitions(importSupplier, name));
    // The earliest first: those in progress are among them.
    const limit = entries[status] <= RECORDS_MAX ? RECORDS_MAX : Math.ceil(RECORDS_MAX / partitions.length);
    const pages = await mapConcurrently(partitions, SHARDS.length, (each) =>
      index.unfinished(each, until, { limit }),
    );
    for (const entry of pages.flatMap((page) => page.entries)) {
      const isWaiting = entry.listing.startsWith(`${importSupplier}#WAITING#`);
      if (status === 'PENDING' && !isWaiting) oldest = Math.min(oldest ?? Infinity, listedTime(entry));
    }
    const listed = new Map(pages.flatMap((page) => page.entries.map((entry) => [entry.id, entry] as const)));
    const ids = [...listed.keys()];
    for (let start = 0; start < ids.length; start += 100) {
      for (const record of await index.records(ids.slice(start, start + 100))) {
        // A record that has moved is counted where it is now, or will be.
        if (record.listing !== listed.get(record.id)!.listing || record.status === status) continue;
        byStatus[status] -= 1;
        byStatus[record.status] += 1;
      }
    }
  }
  return oldest;
}
