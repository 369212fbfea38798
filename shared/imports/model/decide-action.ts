import { isRetried } from './history.ts';
import { type ImportProcess, importKey } from './import-process.ts';
import { isFinal, pendingRecord } from './transitions.ts';

/** Decides what a cancellation does to an import. A repeat changes nothing. */
export function decideCancellation({ status }: ImportProcess): 'write' | 'unchanged' | 'impossible' {
  if (status === 'PENDING') return 'write';
  return status === 'CANCELLED' ? 'unchanged' : 'impossible';
}

export type RetryDecision =
  | { kind: 'write'; record: ImportProcess }
  | { kind: 'unchanged' }
  | { kind: 'impossible' };

/**
 * Decides what a retry does to an import. An ERRORED or DRY_RUN_ERRORED import gets another attempt with the same payload and
 * kind of run, in the default schedule window from `now` on.
 *
 * A retry concerns the failure that preceded its request. It counts as a repeat, and changes nothing, while the attempt of an
 * earlier retry is open, or if the request arrived (`receivedAt`) before that attempt finished. Ten concurrent retries thus
 * start one attempt, however fast it fails. Both times are epoch ms.
 */
export function decideRetry(existing: ImportProcess, now: number, receivedAt: number): RetryDecision {
  const isSame = isRetried(existing) && (!isFinal(existing.status) || receivedAt <= existing.modified_at);
  if (isSame) return { kind: 'unchanged' };
  if (existing.status !== 'ERRORED' && existing.status !== 'DRY_RUN_ERRORED') return { kind: 'impossible' };
  const submission = {
    key: importKey(existing.id),
    // Only a PROCESSED import has no payload.
    payload: existing.payload as Uint8Array<ArrayBuffer>,
    taskParameters: { isDryRun: existing.is_dry_run, windowStart: null, windowEnd: null },
    now,
  };
  return { kind: 'write', record: pendingRecord(submission, existing, 'y') };
}
