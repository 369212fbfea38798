import { type ActionOutcome, actOnImport } from './act-on-import.ts';
import { decideCancellation } from './decide-action.ts';
import type { ImportKey } from './import-process.ts';
import type { ImportStore } from './store.ts';

/**
 * Cancels an import that is PENDING, be it in the queue, in its delay or before its window. Its message finds nothing to
 * take. Who claims it first has it: then it is IN_PROGRESS, and too late. Cancelling again answers as the first time.
 *
 * `now` is epoch ms. Throws as {@link actOnImport}.
 */
export function cancelImport(imports: ImportStore) {
  return (key: ImportKey, now: number): Promise<ActionOutcome> =>
    actOnImport(imports, key, (record) => {
      const decision = decideCancellation(record);
      if (decision !== 'write') return { kind: decision };
      return { kind: 'write', write: () => imports.abandon(record, { status: 'CANCELLED' }, now) };
    });
}
