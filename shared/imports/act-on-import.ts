import { type ImportKey, type ImportProcess, importKey } from './import-process.ts';
import type { ImportStore } from './store.ts';
import { SubmissionContended } from './submit-import.ts';

/** What became of an operator's action. */
export type ActionOutcome =
  /** It was done, now or before: the record as it is then. */
  | { kind: 'done'; record: ImportProcess; changed: boolean }
  /** It cannot be done to an import that stands like this. */
  | { kind: 'impossible'; record: ImportProcess }
  | { kind: 'unknown' };

/** What an action would do to a record, as it was read; `write` answers undefined where the record changed since. */
type Step =
  | { kind: 'write'; write: () => Promise<ImportProcess | undefined> }
  | { kind: 'unchanged' }
  | { kind: 'impossible' };

/** How often an action that loses a race for the record looks again before it gives up. */
const TRIES_MAX = 5;

/**
 * Reads an import, decides, and writes on the condition that nothing changed in between; otherwise it begins anew.
 *
 * @throws SubmissionContended where others were faster each time: nothing was done, and it may be tried again.
 */
export async function actOnImport(
  imports: ImportStore,
  key: ImportKey,
  decide: (record: ImportProcess) => Step,
): Promise<ActionOutcome> {
  for (let tried = 0; tried < TRIES_MAX; tried += 1) {
    const record = await imports.get(key);
    if (record === undefined) return { kind: 'unknown' };
    const step = decide(record);
    if (step.kind === 'unchanged') return { kind: 'done', record, changed: false };
    if (step.kind === 'impossible') return { kind: 'impossible', record };
    const written = await step.write();
    if (written !== undefined) return { kind: 'done', record: written, changed: true };
  }
  throw new SubmissionContended();
}

/** The body of a 409: why the action cannot be done, and the status that is in its way. */
export function impossibleBody(action: 'cancelled' | 'retried' | 'erased', { id, status }: ImportProcess) {
  const { externalIdentifier } = importKey(id);
  return {
    detail: `The import process with the supply point identifier ${externalIdentifier} is ${status} and cannot be ${action}.`,
    code: `import_process_cannot_be_${action}`,
    status,
  };
}
