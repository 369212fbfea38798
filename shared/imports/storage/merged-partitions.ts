import { mapConcurrently } from '../../map-concurrently.ts';
import type { ImportIndex, Listed } from './import-index.ts';

/** Partitions read concurrently. Each read needs a connection, and a new function opens a connection slower than it reads. */
const READS_AT_ONCE_MAX = 8;

/**
 * Merges the entries of several partitions, latest change first, and reads no more pages than needed.
 *
 * `listed` returns a partition's entries after a position, `chunk` at a time.
 */
export function mergedPartitions(
  listed: ImportIndex['listed'],
  partitions: readonly string[],
  { after, chunk }: { after: string | undefined; chunk: number },
) {
  const heads = partitions.map((partition) => ({
    partition,
    after,
    entries: [] as Listed[],
    more: true,
  }));

  const read = async (head: (typeof heads)[number]): Promise<void> => {
    const page = await listed(head.partition, { after: head.after, limit: chunk });
    head.entries = page.entries;
    head.more = page.more;
    head.after = page.entries.at(-1)?.listed_at ?? head.after;
  };

  /** Reads the next entries of every partition that has more and none read. */
  const readEmpty = async (): Promise<void> => {
    const empty = heads.filter(({ entries, more }) => more && entries.length === 0);
    await mapConcurrently(empty, READS_AT_ONCE_MAX, read);
  };

  return {
    /** Returns the next `count` entries, or fewer if there are no more. */
    async next(count: number): Promise<Listed[]> {
      const taken: Listed[] = [];
      while (taken.length < count) {
        await readEmpty();
        const newest = heads
          .filter(({ entries }) => entries.length > 0)
          .reduce<(typeof heads)[number] | undefined>(
            (best, head) =>
              best === undefined || head.entries[0]!.listed_at > best.entries[0]!.listed_at ? head : best,
            undefined,
          );
        if (newest === undefined) break;
        taken.push(newest.entries.shift()!);
      }
      return taken;
    },
  };
}
