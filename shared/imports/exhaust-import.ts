import type { SupplyPointStore } from '../supply-points/store.ts';
import { type Outcome, outcomeOf } from './history.ts';
import { importError } from './import-errors.ts';
import type { ImportError, ImportKey, ImportStatus } from './import-process.ts';
import { processedIfCreated } from './processed-if-created.ts';
import { areStartsExhausted } from './starts.ts';
import type { ImportStore } from './store.ts';
import { isFinal, startOf, windowEndOf } from './transitions.ts';

export type ExhaustionOutcome =
  /** `milliseconds`: since its submission, or since its window opened. */
  | { kind: 'ended'; status: ImportStatus; milliseconds: number; error?: ImportError }
  | { kind: 'nothing_to_do'; because: 'gone' | 'other_attempt' | 'ended' }
  /** It was not tried often enough, and its window is open or opens yet: the sweeper sends it again. */
  | { kind: 'left_open' }
  /** Somebody works on it, or changed it just now: look again later. */
  | { kind: 'look_again' };

/** What came of it; `event`: an end that is to be published before the message is deleted, at least once. */
export type Exhausted = ExhaustionOutcome & { event?: Outcome | undefined };

type Dependencies = { imports: ImportStore; supplyPoints: SupplyPointStore };

/**
 * Decides what becomes of an import whose message used up its deliveries: the last resort, since a worker ends what it has tried
 * often enough. Most of these deliveries cannot have reached a worker, so the import stays open, and the sweeper sends it again,
 * unless its starts are used up or its window has closed. So none hangs, and none errors that was never tried. Where a run
 * created the supply point and did not finish, the import is PROCESSED. The caller publishes the outcome, also where a run before
 * it ended the import and may not have published it.
 */
export function exhaustImport({ imports, supplyPoints }: Dependencies) {
  return async (key: ImportKey, attempt: number, now: number): Promise<Exhausted> => {
    const record = await imports.get(key);
    if (record === undefined) return { kind: 'nothing_to_do', because: 'gone' };
    const earlier = outcomeOf(record, attempt);
    if (record.attempt !== attempt)
      return { kind: 'nothing_to_do', because: 'other_attempt', event: earlier };
    if (isFinal(record.status)) return { kind: 'nothing_to_do', because: 'ended', event: earlier };
    if (record.status === 'IN_PROGRESS' && record.lease_until! > now) return { kind: 'look_again' };

    const starts = record.starts ?? 0;
    if (!areStartsExhausted(record, starts, now) && now < windowEndOf(record)) return { kind: 'left_open' };
    const finalState = await processedIfCreated(supplyPoints, key, record.payload, {
      status: record.is_dry_run ? 'DRY_RUN_ERRORED' : 'ERRORED',
      error: starts === 0 ? importError.scheduleWindowMissed() : importError.attemptsExhausted(),
    });
    if ((await imports.finishUnclaimed(record, finalState, now)) === undefined) return { kind: 'look_again' };
    const event = { key, attempt, endedAt: now, ...finalState };
    return { kind: 'ended', milliseconds: now - startOf(record), ...finalState, event };
  };
}
