import { type ActionOutcome, actOnImport } from './act-on-import.ts';
import { decideRetry } from './decide-action.ts';
import type { ImportKey } from './import-process.ts';
import type { ImportQueue } from './queue.ts';
import type { ImportStore } from './store.ts';

/** As {@link ActionOutcome}; `notSent`: why the attempt's message was not sent. The sweeper sends it then. */
export type RetryOutcome = ActionOutcome & { notSent?: unknown };

/**
 * Tries again what ended ERRORED or DRY_RUN_ERRORED: a new attempt with what was submitted last, as the same kind of run,
 * from now on and for the default schedule window, whatever window it had. Its message goes by the endpoints' queue, so
 * that who retries a row of a drop need not wait for the drop. Repeats are told from new retries in {@link decideRetry}.
 *
 * `now` and `arrivedAt`, when the request arrived, are epoch ms. Throws as {@link actOnImport}.
 */
export function retryImport({ imports, queue }: { imports: ImportStore; queue: ImportQueue }) {
  return async (
    key: ImportKey,
    { now, arrivedAt }: { now: number; arrivedAt: number },
  ): Promise<RetryOutcome> => {
    const outcome = await actOnImport(imports, key, (existing) => {
      const decision = decideRetry(existing, now, arrivedAt);
      if (decision.kind !== 'write') return decision;
      const { record } = decision;
      const write = async () => ((await imports.write(record, existing)) ? record : undefined);
      return { kind: 'write', write };
    });
    if (outcome.kind !== 'done' || !outcome.changed) return outcome;
    try {
      await queue.send([{ key, attempt: outcome.record.attempt, delaySeconds: 0 }]);
      return outcome;
    } catch (notSent) {
      return { ...outcome, notSent };
    }
  };
}
