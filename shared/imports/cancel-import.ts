import type { OutcomeEvents } from '../events/outcome-events.ts';
import { type ActionOutcome, actOnImport } from './act-on-import.ts';
import { decideCancellation } from './decide-action.ts';
import { outcomeOf } from './history.ts';
import type { ImportKey } from './import-process.ts';
import type { ImportStore } from './store.ts';

/**
 * Cancels an import that is PENDING, be it in the queue, in its delay or before its window. Its message finds nothing to
 * take. Who claims it first has it: then it is IN_PROGRESS, and too late. Cancelling again answers, and tells of it, as the
 * first time: who got no answer repeats it, so that the event is sent whatever failed.
 *
 * `now` is epoch ms. Throws as {@link actOnImport}, and what the events' client throws.
 */
export function cancelImport({ imports, events }: { imports: ImportStore; events: OutcomeEvents }) {
  return async (key: ImportKey, now: number): Promise<ActionOutcome> => {
    const outcome = await actOnImport(imports, key, (record) => {
      const decision = decideCancellation(record);
      if (decision !== 'write') return { kind: decision };
      return { kind: 'write', write: () => imports.abandon(record, { status: 'CANCELLED' }, now) };
    });
    if (outcome.kind === 'done') await events.publish(outcomeOf(outcome.record, outcome.record.attempt));
    return outcome;
  };
}
