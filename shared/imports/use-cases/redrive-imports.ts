import { decideRetry } from '../model/decide-action.ts';
import { type ImportProcess, importKey } from '../model/import-process.ts';
import { isExhausted, listingPartitions } from '../model/listing.ts';
import { SHARDS_PER_SUPPLIER } from '../model/shards.ts';
import type { ImportIndex, Listed } from '../storage/import-index.ts';
import type { ImportQueue } from '../storage/queue.ts';
import type { ImportStore } from '../storage/store.ts';

/**
 * Maximum number of imports that one redrive takes from a partition. The limit for all partitions keeps a call well below a
 * second and adds a few seconds of work to the queue.
 */
const REDRIVEN_PER_PARTITION_MAX = 25;
export const REDRIVEN_MAX = REDRIVEN_PER_PARTITION_MAX * SHARDS_PER_SUPPLIER;

export type RedriveOutcome = {
  /** Imports that got a new attempt in this call. */
  redriven: number;
  /** Whether more imports may remain. If true, the client calls again. */
  remaining: boolean;
  /** The error that prevented sending messages. The sweeper sends them later. */
  sendError?: unknown;
};

type Dependencies = { imports: ImportStore; index: ImportIndex; queue: ImportQueue };

/**
 * Retries the imports of a supplier whose messages were moved to the dead-letter queue, at most 200 in a call.
 *
 * No message is moved back. The dead-letter function consumes each message on arrival and finishes its import with
 * `import_attempts_exhausted`, and a redrive starts a new attempt of these imports. A message that is still in the dead-letter
 * queue belongs to an unfinished import, which a later call finds. A late message names an earlier attempt and is ignored.
 * Repeated and concurrent calls start only one new attempt for each failure.
 *
 * `now` is epoch ms.
 *
 * @throws errors of DynamoDB's client. Some imports may have been redriven; the next call does the rest.
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
    } catch (sendError) {
      return { ...outcome, sendError };
    }
  };
}

/**
 * Writes a new attempt and returns its record. Returns undefined if the import is no longer exhausted or a concurrent write
 * came first.
 */
async function retry(imports: ImportStore, { id }: Listed, now: number): Promise<ImportProcess | undefined> {
  const existing = await imports.get(importKey(id));
  if (existing === undefined || !isExhausted(existing.latest_error)) return undefined;
  const decision = decideRetry(existing, now, now);
  if (decision.kind !== 'write') return undefined;
  return (await imports.write(decision.record, existing)) ? decision.record : undefined;
}
