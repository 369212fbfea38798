import type { SupplierRegistry } from '../suppliers/registry.ts';
import { dueShards, RESEND_AFTER_SECONDS, RESEND_SLOW_AFTER_SECONDS } from './due.ts';
import type { Due, ImportIndex, Unfinished } from './import-index.ts';
import { importKey, Lane } from './import-process.ts';
import { listingPartitions } from './listing.ts';
import type { ImportQueues } from './queue.ts';

/** Imports that one sweep sends from one partition at most: what is left is found by the next sweep. */
export const SWEPT_PER_PARTITION_MAX = 200;
/** Partitions swept at a time. */
const PARTITIONS_AT_ONCE_MAX = 8;

type Parts = { index: ImportIndex; queues: ImportQueues; suppliers: SupplierRegistry };

/**
 * Sends every import that needs it, of all suppliers: what was never sent, what waited for its window, what somebody took
 * and did not finish. What becomes of it is the worker's to decide. It sends before it writes that it did: dying in
 * between sends twice, which is harmless.
 *
 * Answers how many it sent. `now` is epoch ms.
 */
export function sweepImports(parts: Parts) {
  return async (now: number): Promise<{ sent: number }> => {
    const suppliers = await parts.suppliers.list();
    const sweeps = suppliers.flatMap(({ code }) => sweepsOf(parts.index, code, now));
    let sent = 0;
    for (let from = 0; from < sweeps.length; from += PARTITIONS_AT_ONCE_MAX) {
      const group = sweeps.slice(from, from + PARTITIONS_AT_ONCE_MAX);
      const counts = await Promise.all(group.map(async (find) => send(parts, await find(), now)));
      sent += counts.reduce((sum, count) => sum + count, 0);
    }
    return { sent };
  };
}

/** How a supplier's imports are found that are to be sent: partition by partition. */
function sweepsOf(
  index: ImportIndex,
  importSupplier: string,
  now: number,
): (() => Promise<(Due | Unfinished)[]>)[] {
  const waiting = dueShards(importSupplier).map(
    (shard) => () => index.due(shard, now, SWEPT_PER_PARTITION_MAX),
  );
  const unfinished = (listingClass: 'OPEN' | 'SLOW', afterSeconds: number) =>
    listingPartitions(importSupplier, listingClass).map(
      (partition) => () => index.unfinished(partition, now - afterSeconds * 1000, SWEPT_PER_PARTITION_MAX),
    );
  return [
    ...waiting,
    ...unfinished('OPEN', RESEND_AFTER_SECONDS),
    ...unfinished('SLOW', RESEND_SLOW_AFTER_SECONDS),
  ];
}

async function send(
  { index, queues }: Parts,
  found: readonly (Due | Unfinished)[],
  now: number,
): Promise<number> {
  for (const lane of Lane.options) {
    const ofLane = found.filter((entry) => entry.lane === lane);
    await queues[lane].send(
      ofLane.map(({ id, attempt }) => ({ key: importKey(id), attempt, delaySeconds: 0 })),
    );
  }
  await Promise.all(found.map((entry) => index.sent(entry, classAfter(entry), now)));
  return found.length;
}

/** Its window opened, so that it stands where it would if it were submitted now; or its message is late. */
function classAfter(entry: Due | Unfinished): 'OPEN' | 'SLOW' {
  return 'due_at' in entry && entry.lane === 'endpoint' ? 'OPEN' : 'SLOW';
}
