import type { ImportKey, ImportProcess } from '../model/import-process.ts';
import type { ImportStore } from '../storage/store.ts';
import { SubmissionContended } from './submit-import.ts';

/** Outcome of an operator's action. */
export type ActionOutcome =
  /** The action was done, by this request or an earlier one. `record` is the current record. */
  | { kind: 'done'; record: ImportProcess; changed: boolean }
  /** The import's status does not allow the action. */
  | { kind: 'impossible'; record: ImportProcess }
  | { kind: 'unknown' };

/** What an action does to a record. `write` returns undefined if the record changed since it was read. */
type Step =
  | { kind: 'write'; write: () => Promise<ImportProcess | undefined> }
  | { kind: 'unchanged' }
  | { kind: 'impossible' };

/** Maximum number of tries when concurrent writes change the record. */
const TRIES_MAX = 5;

/**
 * Reads an import, decides, and writes on the condition that the record is unchanged. Starts again if it changed.
 *
 * @throws SubmissionContended if concurrent writes changed the record at each try. Nothing was done, and the client may retry.
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
