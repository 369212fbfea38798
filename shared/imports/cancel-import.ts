import { type ActionOutcome, actOnImport } from './act-on-import.ts';
import { decideCancellation } from './decide-action.ts';
import { type Outcome, outcomeOf } from './history.ts';
import type { ImportKey } from './import-process.ts';
import type { ImportQueue } from './queue.ts';
import type { ImportStore } from './store.ts';

/** When the worker looks whether a cancellation was told: no run of a function lasts so long. */
const PUBLISHED_BY_WORKER_AFTER_SECONDS = 60;

/** As {@link ActionOutcome}; `publishFailed`: why its event was not sent. The worker sends it then. */
export type CancelOutcome = ActionOutcome & { publishFailed?: unknown };

/**
 * Cancels an import that is PENDING, be it in the queue, in its delay or before its window. Its message finds nothing to
 * take. Who claims it first has it: then it is IN_PROGRESS, and too late. Cancelling again answers as the first time.
 *
 * A message is sent before it is cancelled, since that of an import before its window does not exist: the worker that gets it
 * finds an import that ended, and tells of the end, whatever became of this run. For one that was not cancelled after all it
 * is a copy too many, which does nothing.
 *
 * `now` is epoch ms. Throws as {@link actOnImport}, and what the queue throws: then nothing was done.
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
  return async (key: ImportKey, now: number): Promise<CancelOutcome> => {
    const outcome = await actOnImport(imports, key, (record) => {
      const decision = decideCancellation(record);
      if (decision !== 'write') return { kind: decision };
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
    } catch (publishFailed) {
      return { ...outcome, publishFailed };
    }
  };
}
