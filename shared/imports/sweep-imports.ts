import type { SupplierRegistry } from '../suppliers/registry.ts';
import { BATCH_GET_ITEMS_MAX } from './batch-get.ts';
import { dueShards, RESEND_AFTER_SECONDS, RESEND_SLOW_AFTER_SECONDS } from './due.ts';
import { HISTORY_EVENTS_MAX } from './history.ts';
import type { Due, ImportIndex, IndexKey, IndexPage, Unfinished } from './import-index.ts';
import { importKey, Lane } from './import-process.ts';
import { listingPartitions } from './listing.ts';
import type { ImportQueues } from './queue.ts';
import { classifyEntry, type SweptRecord, type sweptRecords } from './swept-records.ts';

/** Imports that one sweep sends from one partition at most: what is left is found by the next sweep. */
export const SWEPT_PER_PARTITION_MAX = 200;
/** Pages of a hundred entries that one sweep reads of a partition at most, while it finds less than that to send. */
const PAGES_PER_PARTITION_MAX = 50;
/** Partitions swept at a time. */
const PARTITIONS_AT_ONCE_MAX = 8;

type Dependencies = {
  index: ImportIndex;
  records: ReturnType<typeof sweptRecords>;
  queues: ImportQueues;
  suppliers: SupplierRegistry;
};
type Entry = Due | Unfinished;
/** Reads a page of a partition's imports that are to be sent. */
type Find = (from: IndexKey | undefined) => Promise<IndexPage<Entry>>;

/** `cleared`: index entries that their records contradicted. */
export type SweepResult = { sent: number; cleared: number };

/**
 * Sends every import that needs it, of all suppliers: what was never sent, what waited for its window, what somebody took
 * and did not finish. What becomes of it is the worker's to decide. It sends before it writes that it did: dying in
 * between sends twice, which is harmless.
 *
 * An index says what may be due, and the record whether it is: an index lags behind its table, and the local emulator's keeps
 * entries after a kill that no record stands for. Those are not sent, do not count as sent, and are removed.
 *
 * Costs half a read unit a partition, and one an entry that is found. `now` is epoch ms.
 */
export function sweepImports(dependencies: Dependencies) {
  return async (now: number): Promise<SweepResult> => {
    const suppliers = await dependencies.suppliers.list();
    const finds = suppliers.flatMap(({ code }) => findsOf(dependencies.index, code, now));
    const total: SweepResult = { sent: 0, cleared: 0 };
    for (let from = 0; from < finds.length; from += PARTITIONS_AT_ONCE_MAX) {
      const group = finds.slice(from, from + PARTITIONS_AT_ONCE_MAX);
      for (const { sent, cleared } of await Promise.all(
        group.map((find) => sweepPartition(dependencies, find, now)),
      )) {
        total.sent += sent;
        total.cleared += cleared;
      }
    }
    return total;
  };
}

/** How a supplier's imports are found that are to be sent: partition by partition. */
function findsOf(index: ImportIndex, importSupplier: string, now: number): Find[] {
  const limit = BATCH_GET_ITEMS_MAX;
  const waiting = dueShards(importSupplier).map(
    (shard): Find =>
      (from) =>
        index.due(shard, now, { from, limit }),
  );
  const unfinished = (listingClass: 'OPEN' | 'SLOW', afterSeconds: number) =>
    listingPartitions(importSupplier, listingClass).map(
      (partition): Find =>
        (from) =>
          index.unfinished(partition, now - afterSeconds * 1000, { from, limit }),
    );
  return [
    ...waiting,
    ...unfinished('OPEN', RESEND_AFTER_SECONDS),
    ...unfinished('SLOW', RESEND_SLOW_AFTER_SECONDS),
  ];
}

async function sweepPartition(dependencies: Dependencies, find: Find, now: number): Promise<SweepResult> {
  const swept: SweepResult = { sent: 0, cleared: 0 };
  let from: IndexKey | undefined;
  for (let page = 0; page < PAGES_PER_PARTITION_MAX; page += 1) {
    const { entries, next } = await find(from);
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

/** Its window opened, so that it stands where it would if it were submitted now; or its message is late. */
function classAfter(entry: Entry): 'OPEN' | 'SLOW' {
  return 'due_at' in entry && entry.lane === 'endpoint' ? 'OPEN' : 'SLOW';
}
