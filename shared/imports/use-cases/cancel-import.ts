import { decideCancellation } from '../model/decide-action.ts';
import { type Outcome, outcomeOf } from '../model/history.ts';
import type { ImportKey } from '../model/import-process.ts';
import { type DropRowId, isLastSubmission } from '../model/transitions.ts';
import type { ImportQueue } from '../storage/queue.ts';
import type { ImportStore } from '../storage/store.ts';
import { type ActionOutcome, actOnImport } from './act-on-import.ts';

/** Delay after which a worker publishes a cancellation that was not published. Longer than any run of a function. */
const PUBLISHED_BY_WORKER_AFTER_SECONDS = 60;

/** An {@link ActionOutcome}. `publishError` is the error that prevented publishing the event. A worker publishes it later. */
export type CancelOutcome = ActionOutcome & { publishError?: unknown };

/**
 * Cancels a PENDING import, whether its message is in the queue, delayed, or not yet sent. Workers cannot claim a cancelled
 * import. If a worker claims it first, it is IN_PROGRESS and cannot be cancelled. Idempotent.
 *
 * A message is sent before the import is cancelled, because an import whose window has not opened has none. The worker that
 * receives the message finds a finished import and publishes the outcome, even if this run stopped. If the import was not
 * cancelled, the message is a duplicate without effect.
 *
 * `now` is epoch ms. With a `row`, the import is cancelled only if this row of a drop was its last submission.
 *
 * @throws as {@link actOnImport}, and errors of the queue. In the latter case nothing was changed.
 */
export function cancelImport({
  imports,
  events,
  queue,
}: {
  imports: ImportStore;
  events: { publish(outcome: Outcome | undefined): Promise<void> };
  queue: ImportQueue;
}) {
  return async (key: ImportKey, now: number, row?: DropRowId): Promise<CancelOutcome> => {
    const outcome = await actOnImport(imports, key, (record) => {
      const decision = decideCancellation(record);
      if (decision !== 'write') return { kind: decision };
      if (row !== undefined && !isLastSubmission(record, row)) return { kind: 'impossible' };
      const write = async () => {
        await queue.send([{ key, attempt: record.attempt, delaySeconds: PUBLISHED_BY_WORKER_AFTER_SECONDS }]);
        return imports.finishUnclaimed(record, { status: 'CANCELLED' }, now);
      };
      return { kind: 'write', write };
    });
    if (outcome.kind !== 'done' || !outcome.changed) return outcome;
    try {
      await events.publish(outcomeOf(outcome.record, outcome.record.attempt));
      return outcome;
    } catch (publishError) {
      return { ...outcome, publishError };
    }
  };
}
