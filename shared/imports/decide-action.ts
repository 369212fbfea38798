import { isRetried } from './history.ts';
import { type ImportProcess, importKey } from './import-process.ts';
import { isFinal, pendingRecord } from './transitions.ts';

/** What an operator's cancel does to an import. Again, it changes nothing: the answer is that of the first. */
export function decideCancellation({ status }: ImportProcess): 'write' | 'unchanged' | 'impossible' {
  if (status === 'PENDING') return 'write';
  return status === 'CANCELLED' ? 'unchanged' : 'impossible';
}

export type RetryDecision =
  | { kind: 'write'; record: ImportProcess }
  | { kind: 'unchanged' }
  | { kind: 'impossible' };

/**
 * What an operator's retry does to an import: what ended ERRORED or DRY_RUN_ERRORED gets another attempt with the same
 * payload and the same kind of run, in the default schedule window from `now` on.
 *
 * A retry asks for what had failed when it was sent. So it is the same retry as one before it, and changes nothing, while
 * the attempt that that one began is open, and if it arrived (`arrivedAt`) before that attempt ended: of ten at once one
 * begins an attempt, however fast that fails. Both times are epoch ms.
 */
export function decideRetry(existing: ImportProcess, now: number, arrivedAt: number): RetryDecision {
  const isSame = isRetried(existing) && (!isFinal(existing.status) || arrivedAt <= existing.modified_at);
  if (isSame) return { kind: 'unchanged' };
  if (existing.status !== 'ERRORED' && existing.status !== 'DRY_RUN_ERRORED') return { kind: 'impossible' };
  const submission = {
    key: importKey(existing.id),
    // Only what was processed gives up its payload.
    payload: existing.payload as Uint8Array<ArrayBuffer>,
    taskParameters: { isDryRun: existing.is_dry_run, windowStart: null, windowEnd: null },
    now,
  };
  return { kind: 'write', record: pendingRecord(submission, existing, 'y') };
}
