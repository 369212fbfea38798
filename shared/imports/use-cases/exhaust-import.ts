import type { SupplyPointStore } from '../../supply-points/store.ts';
import { type Outcome, outcomeOf } from '../model/history.ts';
import { importError } from '../model/import-errors.ts';
import type { ImportError, ImportKey, ImportStatus } from '../model/import-process.ts';
import { areStartsExhausted } from '../model/starts.ts';
import { isFinal, startTimeOf, windowEndOf } from '../model/transitions.ts';
import type { ImportStore } from '../storage/store.ts';
import { processedIfCreated } from './processed-if-created.ts';

export type ExhaustionOutcome =
  /** `milliseconds`: time since the submission, or since the schedule window opened. */
  | { kind: 'ended'; status: ImportStatus; milliseconds: number; error?: ImportError }
  | { kind: 'nothing_to_do'; because: 'gone' | 'other_attempt' | 'ended' }
  /** The import has starts left, and its window has not closed. The sweeper sends it again. */
  | { kind: 'left_open' }
  /** A run holds the import, or a concurrent write changed it. The message is to be redelivered. */
  | { kind: 'look_again' };

/** The outcome. `event` is to be published at least once before the message is deleted. */
export type Exhausted = ExhaustionOutcome & { event?: Outcome | undefined };

type Dependencies = { imports: ImportStore; supplyPoints: SupplyPointStore };

/**
 * Handles an import whose message is in the dead-letter queue. This is the last resort: a worker finishes an import whose
 * starts are used up. Most of these messages probably never reached a worker. The import therefore stays open for the sweeper,
 * unless its starts are used up or its window has closed. Every import reaches a final status, and none becomes ERRORED without
 * a start unless its window closed.
 *
 * If a run created the supply point and did not finish, the import becomes PROCESSED. The caller publishes the outcome, also
 * when an earlier run finished the import and may not have published it.
 *
 * `now` is epoch ms.
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
    return { kind: 'ended', milliseconds: now - startTimeOf(record), ...finalState, event };
  };
}
