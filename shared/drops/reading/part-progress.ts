import { type Drop, noRows, type PartProgress } from '../drop.ts';
import type { Place } from '../formats/batches.ts';
import { ErrorTallies, type Tally } from '../reporting/tally.ts';
import type { DropStore } from '../store.ts';

/** How often a run publishes a part's progress at most. The item takes one to three write units. */
export const PROGRESS_EVERY_MS = 2_000;
/** Maximum number of errors in a part's progress. */
const ERRORS_MAX = 10;

/** Where a part begins, and whether its lines are counted from its own beginning (byte ranges) or the file's (streams). */
export type PartStart = Place & { isRange: boolean };

/** Publishes how far a run has read a part, so that people see the first errors within seconds. */
export function partProgress(drops: DropStore, drop: Drop, part: number, start: PartStart) {
  const linesBefore = start.isRange ? {} : { lines_before: start.line - 1 };
  const empty: PartProgress = { part, counts: noRows(), bytes: 0, ...linesBefore, errors: [] };
  let publishedAt: number | undefined;
  const publish = (tally: Tally, bytes: number, lines?: number): Promise<void> =>
    drops.putProgress(drop.id, {
      ...empty,
      counts: { ...tally.counts },
      bytes,
      ...(lines !== undefined && { lines }),
      errors: mostFrequent(tally),
    });

  return {
    /** Marks the part as begun. Returns false if an earlier run has begun it. */
    begin: (): Promise<boolean> => drops.beginPart(drop.id, empty),
    /** Publishes the part's tally after the first batch, and then at most every {@link PROGRESS_EVERY_MS}. `now` is epoch ms. */
    async update(tally: Tally, offset: number, now: number): Promise<void> {
      if (publishedAt !== undefined && now - publishedAt < PROGRESS_EVERY_MS) return;
      publishedAt = now;
      await publish(tally, offset - start.offset);
    },
    /** Publishes the part's last tally. */
    end: (tally: Tally, offset: number, lines: number | undefined): Promise<void> =>
      publish(tally, offset - start.offset, lines),
  };
}

function mostFrequent(tally: Tally): PartProgress['errors'] {
  const errors = new ErrorTallies();
  for (const each of tally.errors) errors.add(each);
  return errors.mostFrequent(ERRORS_MAX).map(({ error, count, lines, suggestions }) => ({
    error,
    count,
    lines,
    ...(suggestions && { suggestions: [...suggestions] }),
  }));
}
