import type { SupplierRegistry } from '../suppliers/registry.ts';
import { dueShards, RESEND_AGAIN_AFTER_SECONDS } from './due.ts';
import { importKey, Lane } from './import-process.ts';
import type { ImportQueues } from './queue.ts';
import type { DueImport, ImportStore } from './store.ts';

/** Imports that one sweep sends from one partition at most: what is left is due at the next sweep. */
export const SWEPT_PER_SHARD_MAX = 200;
/** Partitions swept at a time. */
const SHARDS_AT_ONCE_MAX = 8;

/**
 * Sends every import that is due again, of all suppliers, and looks after it later once more: what was never sent, what
 * waited for its window, what somebody took and did not finish. What becomes of it is the worker's to decide.
 * It sends before it postpones: dying in between sends twice, which is harmless.
 *
 * Answers how many it sent. `now` is epoch ms.
 */
export function sweepImports(parts: {
  imports: ImportStore;
  queues: ImportQueues;
  suppliers: SupplierRegistry;
}) {
  return async (now: number): Promise<{ sent: number }> => {
    const suppliers = await parts.suppliers.list();
    const shards = suppliers.flatMap(({ code }) => dueShards(code));
    let sent = 0;
    for (let from = 0; from < shards.length; from += SHARDS_AT_ONCE_MAX) {
      const group = shards.slice(from, from + SHARDS_AT_ONCE_MAX);
      const counts = await Promise.all(group.map((shard) => sweepShard(parts, shard, now)));
      sent += counts.reduce((sum, count) => sum + count, 0);
    }
    return { sent };
  };
}

async function sweepShard(
  { imports, queues }: { imports: ImportStore; queues: ImportQueues },
  shard: string,
  now: number,
): Promise<number> {
  const due = await imports.due(shard, now, SWEPT_PER_SHARD_MAX);
  for (const lane of Lane.options) {
    const ofLane = due.filter((entry) => entry.lane === lane);
    await queues[lane].send(
      ofLane.map(({ id, attempt }) => ({ key: importKey(id), attempt, delaySeconds: 0 })),
    );
  }
  await Promise.all(
    due.map((entry: DueImport) => imports.postpone(entry, now + RESEND_AGAIN_AFTER_SECONDS * 1000)),
  );
  return due.length;
}
