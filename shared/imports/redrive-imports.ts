import { decideRetry } from './decide-action.ts';
import type { ImportIndex, Listed } from './import-index.ts';
import { type ImportProcess, importKey } from './import-process.ts';
import { isExhausted, listingPartitions } from './listing.ts';
import type { ImportQueue } from './queue.ts';
import { SHARDS_PER_SUPPLIER } from './shards.ts';
import type { ImportStore } from './store.ts';

/** Imports that one redrive takes from a partition, and from all eight: some seconds' work for the queue, a fraction of one for this. */
const REDRIVEN_PER_PARTITION_MAX = 25;
export const REDRIVEN_MAX = REDRIVEN_PER_PARTITION_MAX * SHARDS_PER_SUPPLIER;

export type RedriveOutcome = {
  /** Imports that this call gave a new attempt. */
  redriven: number;
  /** Whether there may be more: then call again. */
  remaining: boolean;
  /** Why messages were not sent. The sweeper sends them then. */
  notSent?: unknown;
};

type Dependencies = { imports: ImportStore; index: ImportIndex; queue: ImportQueue };

/**
 * Redrives the dead-letter queue of a supplier's imports: each whose message used up its deliveries is tried again, as by
 * a retry, at most 200 in a call.
 *
 * No message is moved, because the queue keeps none: the dead-letter function takes each at once and ends its import
 * `import_attempts_exhausted`, and those imports are what is redriven. A message that is still there belongs to an import
 * that has not ended: it ends soon, and the next call finds it. One that comes late names an attempt that is over, and is
 * let go. Called again, or by several at once, it gives no import two attempts for one failure.
 *
 * `now` is epoch ms. @throws what DynamoDB's client throws: some may have been redriven, and the next call does the rest.
 */
export function redriveImports({ imports, index, queue }: Dependencies) {
  return async (importSupplier: string, now: number): Promise<RedriveOutcome> => {
    const partitions = listingPartitions(importSupplier, 'EXHAUSTED');
    const found = await Promise.all(
      partitions.map((partition) =>
        index.listed(partition, { after: undefined, limit: REDRIVEN_PER_PARTITION_MAX }),
      ),
    );
    const retried = await Promise.all(
      found.map(async ({ entries }) => Promise.all(entries.map((entry) => retry(imports, entry, now)))),
    );
    const records = retried.flat().filter((record) => record !== undefined);
    const outcome = { redriven: records.length, remaining: found.some(({ more }) => more) };
    try {
      await queue.send(records.map(({ id, attempt }) => ({ key: importKey(id), attempt, delaySeconds: 0 })));
      return outcome;
    } catch (notSent) {
      return { ...outcome, notSent };
    }
  };
}

/** The new attempt's record; undefined where there is nothing to redrive any more, or somebody else just did. */
async function retry(imports: ImportStore, { id }: Listed, now: number): Promise<ImportProcess | undefined> {
  const existing = await imports.get(importKey(id));
  if (existing === undefined || !isExhausted(existing.latest_error)) return undefined;
  const decision = decideRetry(existing, now, now);
  if (decision.kind !== 'write') return undefined;
  return (await imports.write(decision.record, existing)) ? decision.record : undefined;
}
