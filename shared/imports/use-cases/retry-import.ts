import { decideRetry } from '../model/decide-action.ts';
import type { ImportKey } from '../model/import-process.ts';
import type { ImportQueue } from '../storage/queue.ts';
import type { ImportStore } from '../storage/store.ts';
import { type ActionOutcome, actOnImport } from './act-on-import.ts';

/** An {@link ActionOutcome}. `sendError` is the error that prevented sending the message. The sweeper sends it later. */
export type RetryOutcome = ActionOutcome & { sendError?: unknown };

/**
 * Starts a new attempt of an ERRORED or DRY_RUN_ERRORED import, with the last payload and kind of run, in the default schedule
 * window from `now` on. Its message is sent to the endpoints' queue, so a retry never waits for a drop. {@link decideRetry}
 * recognizes repeats.
 *
 * `now` is epoch ms, and so is `receivedAt`, the time of the request's arrival.
 *
 * @throws as {@link actOnImport}.
 */
export function retryImport({ imports, queue }: { imports: ImportStore; queue: ImportQueue }) {
  return async (
    key: ImportKey,
    { now, receivedAt }: { now: number; receivedAt: number },
  ): Promise<RetryOutcome> => {
    const outcome = await actOnImport(imports, key, (existing) => {
      const decision = decideRetry(existing, now, receivedAt);
      if (decision.kind !== 'write') return decision;
      const { record } = decision;
      const write = async () => ((await imports.write(record, existing)) ? record : undefined);
      return { kind: 'write', write };
    });
    if (outcome.kind !== 'done' || !outcome.changed) return outcome;
    try {
      await queue.send([{ key, attempt: outcome.record.attempt, delaySeconds: 0 }]);
      return outcome;
    } catch (sendError) {
      return { ...outcome, sendError };
    }
  };
}
