import { mapConcurrently } from '../../map-concurrently.ts';
import type { Minute } from '../model/activity.ts';
import type { FinalStatus } from '../model/history.ts';
import { type ListingClass, listedTime, listingPartitions, positionsUntil } from '../model/listing.ts';
import type { ImportIndex } from '../storage/import-index.ts';

/** Names of the counts of a supplier's ended imports. */
export type EndedName = Lowercase<FinalStatus>;

/** The classes of ended imports, and the count that each is added to. An exhausted dry run counts as errored, because its class does not tell. */
const COUNTED_AS = {
  PROCESSED: 'processed',
  ERRORED: 'errored',
  DRY_RUN_SUCCEEDED: 'dry_run_succeeded',
  DRY_RUN_ERRORED: 'dry_run_errored',
  CANCELLED: 'cancelled',
  EXHAUSTED: 'errored',
} as const satisfies Partial<Record<ListingClass, EndedName>>;

const MINUTE_MS = 60_000;
/** Age until which an answer is returned again. */
const AGE_MS_MAX = 5_000;
/** Time for one reading, which goes on with the next request. The function's timeout is 10 seconds. */
const TIME_MS_MAX = 5_000;
/** Minutes that passed so long ago are not read again: no entry appears in them later. */
const UNSETTLED_MS = 120_000;
/** Partitions that are read at once. */
const READS_AT_ONCE = 8;
/** Suppliers that are remembered. */
const SUPPLIERS_MAX = 20;

/** A partition of the index: the settled minutes that were read, by their start, and the position up to which they were. */
type Partition = { name: string; as: EndedName; minutes: Map<number, number>; upTo: string };
/** What a function's instance remembers of a supplier: what was read from `from` on, and its last answer. Epoch ms. */
type Remembered = { from: number; partitions: Partition[]; answer?: Answer & { at: number } };
type Answer = { minutes: Minute<EndedName>[]; isComplete: boolean };

type Dependencies = {
  index: Pick<ImportIndex, 'positions'>;
  /** The current time, epoch ms. */
  clock: () => number;
};

/**
 * Counts a supplier's ended imports by the minute in which they ended. It writes nothing: it reads the positions in the `listing` index, 0.5
 * read units for about 40 imports, and remembers in memory the minutes that have passed. An import that was retried counts where it ended
 * last, unless its first end is remembered.
 *
 * The returned function takes the start of the first minute (epoch ms). `isComplete` is false when time was up; the next call goes on.
 *
 * @throws errors of DynamoDB's client.
 */
export function endedImports({ index, clock }: Dependencies) {
  const suppliers = new Map<string, Remembered>();

  return async (importSupplier: string, from: number): Promise<Answer> => {
    const now = clock();
    const known = suppliers.get(importSupplier);
    const remembered =
      known !== undefined && known.from <= from
        ? known
        : { from, partitions: partitionsOf(importSupplier, from) };
    remember(suppliers, importSupplier, remembered);
    if (remembered.answer === undefined || now - remembered.answer.at >= AGE_MS_MAX) {
      const settled = Math.floor((now - UNSETTLED_MS) / MINUTE_MS) * MINUTE_MS;
      const isLate = (): boolean => clock() > now + TIME_MS_MAX;
      const read = await mapConcurrently(remembered.partitions, READS_AT_ONCE, (partition) =>
        readPartition(index, partition, { settled, isLate }),
      );
      remembered.answer = {
        at: now,
        minutes: sumsOf(remembered.partitions, read),
        isComplete: read.every(({ isComplete }) => isComplete),
      };
    }
    const { minutes, isComplete } = remembered.answer;
    return { minutes: minutes.filter(({ at }) => at >= from), isComplete };
  };
}

const partitionsOf = (importSupplier: string, from: number): Partition[] =>
  (Object.keys(COUNTED_AS) as (keyof typeof COUNTED_AS)[]).flatMap((listingClass) =>
    listingPartitions(importSupplier, listingClass).map((name) => ({
      name,
      as: COUNTED_AS[listingClass],
      minutes: new Map(),
      upTo: positionsUntil(from - 1),
    })),
  );

type ReadPart = { fresh: ReadonlyMap<number, number>; isComplete: boolean };

/** Reads on in a partition, page by page, until time is up. What is before `settled` (epoch ms) is remembered, and the rest returned. */
async function readPartition(
  index: Dependencies['index'],
  partition: Partition,
  { settled, isLate }: { settled: number; isLate: () => boolean },
): Promise<ReadPart> {
  const fresh = new Map<number, number>();
  let after = partition.upTo;
  for (;;) {
    if (isLate()) return { fresh, isComplete: false };
    const { positions, more } = await index.positions(partition.name, after);
    for (const position of positions) {
      const time = listedTime({ listed_at: position });
      const minute = Math.floor(time / MINUTE_MS) * MINUTE_MS;
      const counts = time < settled ? partition.minutes : fresh;
      counts.set(minute, (counts.get(minute) ?? 0) + 1);
      if (time < settled) partition.upTo = position;
    }
    if (!more) return { fresh, isComplete: true };
    after = positions.at(-1)!;
  }
}

/** Adds up the minutes of all partitions: what they remember, and what was read afresh. */
function sumsOf(partitions: readonly Partition[], read: readonly ReadPart[]): Minute<EndedName>[] {
  const sums = new Map<number, Record<EndedName, number>>();
  for (const [number, { as, minutes }] of partitions.entries()) {
    for (const [at, ended] of [...minutes, ...read[number]!.fresh]) {
      const counts = sums.get(at) ?? noneEnded();
      counts[as] += ended;
      sums.set(at, counts);
    }
  }
  return [...sums].map(([at, counts]) => ({ at, counts }));
}

const noneEnded = (): Record<EndedName, number> => ({
  processed: 0,
  errored: 0,
  dry_run_succeeded: 0,
  dry_run_errored: 0,
  cancelled: 0,
});

/** Remembers a supplier as the one that was asked for last, and forgets the one that was asked for least lately. */
function remember(suppliers: Map<string, Remembered>, importSupplier: string, remembered: Remembered): void {
  suppliers.delete(importSupplier);
  suppliers.set(importSupplier, remembered);
  if (suppliers.size > SUPPLIERS_MAX) suppliers.delete(suppliers.keys().next().value!);
}
