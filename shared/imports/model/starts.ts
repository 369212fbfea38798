import { firstStart } from './history.ts';
import type { ImportProcess } from './import-process.ts';

/** Minimum number of starts before an attempt is given up. */
export const STARTS_MAX = 5;

/** Minimum time from the first start until an attempt is given up: 15 minutes. */
export const STARTED_MS_MIN = 15 * 60_000;

/**
 * Whether an attempt has failed so often that it is given up. `starts` is the number of starts without a final status. `now` is
 * epoch ms.
 *
 * A start is a written claim. A delivery that does not reach the worker is no start, and neither is one whose claim DynamoDB
 * throttles. Failures after the claim count whatever their reason, because transient and permanent errors cannot be
 * distinguished here and a killed worker cannot report one. Redeliveries use up the starts within five minutes. A transient
 * failure may last longer, so the starts must also spread over {@link STARTED_MS_MIN}.
 */
export function areStartsExhausted(
  record: Pick<ImportProcess, 'history' | 'attempt' | 'started_at'>,
  starts: number,
  now: number,
): boolean {
  return starts >= STARTS_MAX && now - (firstStart(record) ?? now) >= STARTED_MS_MIN;
}
