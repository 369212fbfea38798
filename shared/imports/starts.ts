import { firstStart } from './history.ts';
import type { ImportProcess } from './import-process.ts';

/** How often an attempt is started at least before it is given up. */
export const STARTS_MAX = 5;

/** How long after its first start an attempt is given up at the earliest: 15 minutes. */
export const STARTED_MS_MIN = 15 * 60_000;

/**
 * Whether an attempt has failed so often that it is given up; `starts` are those that came to nothing. `now` is epoch ms.
 *
 * A start is a claim that was written. A delivery that never reached the worker is none, and neither is one whose claim
 * DynamoDB throttled. What fails after its claim counts, whatever the reason: errors that pass and those that stay look the
 * same from here, and a worker that is killed cannot tell. So that a failure that passes does not use up the starts, which a
 * redelivery a minute does in five minutes, they must also have spread over {@link STARTED_MS_MIN}.
 */
export function areStartsExhausted(
  record: Pick<ImportProcess, 'history' | 'attempt' | 'started_at'>,
  starts: number,
  now: number,
): boolean {
  return starts >= STARTS_MAX && now - (firstStart(record) ?? now) >= STARTED_MS_MIN;
}
