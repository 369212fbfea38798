import type { ImportQueue, QueuedImport } from '../../imports/storage/queue.ts';
import type { ImportStore } from '../../imports/storage/store.ts';
import {
  recordSubmission,
  rejectionErrors,
  type SubmissionRejection,
} from '../../imports/use-cases/submit-import.ts';
import { mapConcurrently } from '../../map-concurrently.ts';
import type { DropRow } from '../formats/row.ts';
import type { RowOutcome } from '../reporting/tally.ts';
import { type CheckedRow, type RowsDrop, rowCheck } from './check-row.ts';

/** Maximum number of concurrent writes per reader. */
export const WRITES_AT_ONCE_MAX = 48;

const OUTCOME_KINDS: Readonly<
  Record<SubmissionRejection['code'], Exclude<RowOutcome['kind'], 'accepted' | 'invalid'>>
> = {
  supply_point_import_process_already_imported: 'already_imported',
  supply_point_import_process_in_progress: 'in_progress',
  duplicate_in_drop: 'duplicate',
};

type Dependencies = { store: ImportStore; queue: ImportQueue; drop: RowsDrop; timeZone: string };

/** Durations of the steps, in milliseconds. `read` includes decompressing and parsing; the writes of `store` are concurrent. */
export type Milliseconds = { read: number; validate: number; store: number; send: number };

/**
 * Submits a drop's rows concurrently, by the same rules as the endpoint, and enqueues the recorded ones in batches. Rows with the same
 * identifier are submitted one after another in their order, because the first one counts.
 *
 * Returns an outcome for each row, and adds to `took`. `now` is epoch ms. @throws the clients' errors. The rows must be submitted again;
 * this is idempotent.
 */
export function submitRows({ store, queue, drop, timeZone }: Dependencies) {
  const record = recordSubmission(store);
  const check = rowCheck(drop, timeZone);

  const submit = async (checked: CheckedRow, messages: QueuedImport[]): Promise<RowOutcome> => {
    if ('outcome' in checked) return checked.outcome;
    const { identifier } = checked;
    const recorded = await record(...checked.submission);
    if (recorded.kind === 'rejected') {
      return {
        kind: OUTCOME_KINDS[recorded.rejection.code],
        identifier,
        errors: rejectionErrors(recorded.rejection),
      };
    }
    if (recorded.message !== undefined) messages.push(recorded.message);
    return { kind: 'accepted', identifier };
  };

  return async (rows: readonly DropRow[], now: number, took: Milliseconds): Promise<RowOutcome[]> => {
    const messages: QueuedImport[] = [];
    const checked = await timed(took, 'validate', () => rows.map((row) => check(row, now)));
    const outcomes = await timed(took, 'store', () =>
      submitConcurrently(checked, (each) => submit(each, messages)),
    );
    await timed(took, 'send', () => queue.send(messages));
    return outcomes;
  };
}

/** Submits all rows, {@link WRITES_AT_ONCE_MAX} at a time. Rows with the same identifier are submitted one after another. */
async function submitConcurrently(
  all: readonly CheckedRow[],
  submit: (checked: CheckedRow) => Promise<RowOutcome>,
): Promise<RowOutcome[]> {
  const lastOf = new Map<string, Promise<RowOutcome>>();
  return mapConcurrently(all, WRITES_AT_ONCE_MAX, (checked) => {
    const identifier = 'identifier' in checked ? checked.identifier : undefined;
    const before = identifier === undefined ? undefined : lastOf.get(identifier);
    const submitted = before === undefined ? submit(checked) : before.then(() => submit(checked));
    if (identifier !== undefined) lastOf.set(identifier, submitted);
    return submitted;
  });
}

/** Runs `work` and adds its duration to `took`. */
export async function timed<T>(
  took: Milliseconds,
  what: keyof Milliseconds,
  work: () => T | Promise<T>,
): Promise<T> {
  const begun = performance.now();
  try {
    return await work();
  } finally {
    took[what] += performance.now() - begun;
  }
}
