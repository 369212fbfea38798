import type { SupplierRegistry } from '../../suppliers/registry.ts';
import { dueShards, RESEND_AFTER_SECONDS, RESEND_SLOW_AFTER_SECONDS } from '../model/due.ts';
import { HISTORY_EVENTS_MAX } from '../model/history.ts';
import { importKey, Lane } from '../model/import-process.ts';
import { listingPartitions } from '../model/listing.ts';
import { BATCH_GET_ITEMS_MAX } from '../storage/batch-get.ts';
import type { Due, ImportIndex, IndexKey, IndexPage, Unfinished } from '../storage/import-index.ts';
import type { ImportQueues } from '../storage/queue.ts';
import { classifyEntry, type SweptRecord, type sweptRecords } from '../storage/swept-records.ts';

/** Maximum number of imports that one sweep sends from a partition. The next sweep finds the rest. */
export const SWEPT_PER_PARTITION_MAX = 200;
/** Maximum number of pages, of a hundred entries, that one sweep reads from a partition. */
const PAGES_PER_PARTITION_MAX = 50;
/** Partitions swept concurrently. */
const PARTITIONS_AT_ONCE_MAX = 8;

type Dependencies = {
  index: ImportIndex;
  records: ReturnType<typeof sweptRecords>;
  queues: ImportQueues;
  suppliers: SupplierRegistry;
};
type Entry = Due | Unfinished;
/** Reads a page of a partition's imports that may need sending. */
type ReadPage = (from: IndexKey | undefined) => Promise<IndexPage<Entry>>;

/** `cleared`: number of index entries that contradicted their records and were removed. */
export type SweepCounts = { sent: number; cleared: number };

/**
 * Sends every import of all suppliers that needs a message: those never sent, those whose window has opened, and those that a
 * worker claimed and did not finish. The worker decides their outcome. A message is sent before the record says so, so an
 * interrupted sweep may send it twice, which has no effect.
 *
 * The index names candidates, and the record decides. DynamoDB's indexes are eventually consistent, and the local emulator's
 * may keep orphaned entries after a kill. Orphaned entries are removed, and neither sent nor counted.
 *
 * Costs half a read unit for each partition, and one for each entry found. `now` is epoch ms.
 */
export function sweepImports(dependencies: Dependencies) {
  return async (now: number): Promise<SweepCounts> => {
    const suppliers = await dependencies.suppliers.list();
    const readers = suppliers.flatMap(({ code }) => partitionReaders(dependencies.index, code, now));
    const total: SweepCounts = { sent: 0, cleared: 0 };
    for (let from = 0; from < readers.length; from += PARTITIONS_AT_ONCE_MAX) {
      const group = readers.slice(from, from + PARTITIONS_AT_ONCE_MAX);
      for (const { sent, cleared } of await Promise.all(
        group.map((readPage) => sweepPartition(dependencies, readPage, now)),
      )) {
        total.sent += sent;
        total.cleared += cleared;
      }
    }
    return total;
  };
}

/** Returns a reader for each partition with a supplier's unfinished imports. */
function partitionReaders(index: ImportIndex, importSupplier: string, now: number): ReadPage[] {
  const limit = BATCH_GET_ITEMS_MAX;
  const waiting = dueShards(importSupplier).map(
    (shard): ReadPage =>
      (from) =>
        index.due(shard, now, { from, limit }),
  );
  const unfinished = (listingClass: 'OPEN' | 'SLOW', afterSeconds: number) =>
    listingPartitions(importSupplier, listingClass).map(
      (partition): ReadPage =>
        (from) =>
          index.unfinished(partition, now - afterSeconds * 1000, { from, limit }),
    );
  return [
    ...waiting,
    ...unfinished('OPEN', RESEND_AFTER_SECONDS),
    ...unfinished('SLOW', RESEND_SLOW_AFTER_SECONDS),
  ];
}

async function sweepPartition(
  dependencies: Dependencies,
  readPage: ReadPage,
  now: number,
): Promise<SweepCounts> {
  const swept: SweepCounts = { sent: 0, cleared: 0 };
  let from: IndexKey | undefined;
  for (let page = 0; page < PAGES_PER_PARTITION_MAX; page += 1) {
    const { entries, next } = await readPage(from);
    const records = await dependencies.records.of(entries.map(({ id }) => id));
    const classified = entries.map((entry) => {
      const record = records.get(entry.id);
      return { entry, record, state: classifyEntry(entry, record, now) };
    });
    const due = classified.flatMap(({ entry, record, state }) =>
      state === 'open' && record !== undefined ? [{ entry, record }] : [],
    );
    await send(dependencies, due, now);
    swept.sent += due.length;
    for (const { entry, record, state } of classified) {
      if (record === undefined) continue;
      if (state === 'misplaced' && (await dependencies.records.relist(record))) swept.cleared += 1;
      if (state === 'orphaned' && (await dependencies.records.clear(entry, record))) swept.cleared += 1;
    }
    if (next === undefined || swept.sent >= SWEPT_PER_PARTITION_MAX) break;
    from = next;
  }
  return swept;
}

async function send(
  { index, queues }: Dependencies,
  due: readonly { entry: Entry; record: SweptRecord }[],
  now: number,
): Promise<void> {
  for (const lane of Lane.options) {
    const ofLane = due.filter(({ entry }) => entry.lane === lane);
    await queues[lane].send(
      ofLane.map(({ record: { id, attempt } }) => ({ key: importKey(id), attempt, delaySeconds: 0 })),
    );
  }
  await Promise.all(
    due.map(({ entry, record }) => {
      const isAddedToHistory = record.history.length < HISTORY_EVENTS_MAX;
      return index.sent(entry, { listingClass: classAfter(entry), isAddedToHistory }, now);
    }),
  );
}

/** An import whose window opened is listed as if it was submitted now. Otherwise its message is late, and it becomes SLOW. */
function classAfter(entry: Entry): 'OPEN' | 'SLOW' {
  return 'due_at' in entry && entry.lane === 'endpoint' ? 'OPEN' : 'SLOW';
}
