import type { OutcomeEvents } from '../events/outcome-events.ts';
import type { SupplyPointStore } from '../supply-points/store.ts';
import { outcomeOf } from './history.ts';
import { importError } from './import-errors.ts';
import type { ImportError, ImportKey, ImportStatus } from './import-process.ts';
import { processedIfCreated } from './processed-if-created.ts';
import type { ImportStore } from './store.ts';
import { isFinal, startOf } from './transitions.ts';

export type ExhaustionOutcome =
  /** `milliseconds`: since its submission, or since its window opened. */
  | { kind: 'ended'; status: ImportStatus; milliseconds: number; error?: ImportError }
  | { kind: 'nothing_to_do'; because: 'gone' | 'other_attempt' | 'ended' }
  /** Somebody works on it, or changed it just now: look again later. */
  | { kind: 'look_again' };

type Parts = { imports: ImportStore; supplyPoints: SupplyPointStore; events: OutcomeEvents };

/**
 * Ends an import whose message used up its deliveries, so that none hangs. It tells the truth: where a run created the
 * supply point and did not get to say so, the import is PROCESSED. It tells of the end, also where a run before it ended
 * the import and may not have told.
 */
export function exhaustImport({ imports, supplyPoints, events }: Parts) {
  return async (key: ImportKey, attempt: number, now: number): Promise<ExhaustionOutcome> => {
    const record = await imports.get(key);
    if (record === undefined) return { kind: 'nothing_to_do', because: 'gone' };
    await events.publish(outcomeOf(record, attempt));
    if (record.attempt !== attempt) return { kind: 'nothing_to_do', because: 'other_attempt' };
    if (isFinal(record.status)) return { kind: 'nothing_to_do', because: 'ended' };
    if (record.status === 'IN_PROGRESS' && record.lease_until! > now) return { kind: 'look_again' };

    const ending = await processedIfCreated(supplyPoints, key, {
      status: record.is_dry_run ? 'DRY_RUN_ERRORED' : 'ERRORED',
      error: importError.attemptsExhausted(),
    });
    if ((await imports.abandon(record, ending, now)) === undefined) return { kind: 'look_again' };
    await events.publish({ key, attempt, endedAt: now, ...ending });
    return { kind: 'ended', milliseconds: now - startOf(record), ...ending };
  };
}
