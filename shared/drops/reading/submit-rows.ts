import { type ErrorBody, validateCreateRequest } from '../../contract/request.ts';
import { suggestCodes } from '../../contract/suggest-codes.ts';
import type { ImportQueue, QueuedImport } from '../../imports/storage/queue.ts';
import type { ImportStore } from '../../imports/storage/store.ts';
import {
  recordSubmission,
  rejectionErrors,
  type SubmissionRejection,
} from '../../imports/use-cases/submit-import.ts';
import { mapConcurrently } from '../../map-concurrently.ts';
import type { Drop } from '../drop.ts';
import { type DropRow, requestOf, withinLimit } from '../formats/row.ts';
import type { RowOutcome } from '../reporting/tally.ts';

/** Maximum number of concurrent writes per reader. */
export const WRITES_AT_ONCE_MAX = 48;

const OUTCOME_KINDS: Readonly<
  Record<SubmissionRejection['code'], Exclude<RowOutcome['kind'], 'accepted' | 'invalid'>>
> = {
  supply_point_import_process_already_imported: 'already_imported',
  supply_point_import_process_in_progress: 'in_progress',
  duplicate_in_drop: 'duplicate',
};

type Dependencies = {
  store: ImportStore;
  queue: ImportQueue;
  drop: Pick<Drop, 'id' | 'import_supplier' | 'dropped_at'>;
  /** IANA name of the time zone of times without an offset. */
  timeZone: string;
};

/** Durations of the steps, in milliseconds. `read` includes decompressing and parsing; the writes of `store` are concurrent. */
export type Milliseconds = { read: number; validate: number; store: number; send: number };

/** A validated row: its submission, or its outcome if it is invalid. */
type CheckedRow = { identifier: string; submission: Submittable } | { outcome: RowOutcome };
type Submittable = Parameters<ReturnType<typeof recordSubmission>>;

/**
 * Submits a drop's rows concurrently, by the same rules as the endpoint, and enqueues the recorded ones in batches. Rows with the same
 * identifier are submitted one after another in their order, because the first one counts.
 *
 * Rows are validated as of the time when the file was dropped, and with an open migration. The result must be the same in every run;
 * otherwise a retry could report a row as invalid that an earlier run submitted. The worker validates again before it imports, and then
 * detects a closed migration or a missed schedule window.
 *
 * Returns an outcome for each row, and adds to `took`. `now` is epoch ms. @throws the clients' errors. The rows must be submitted again;
 * this is idempotent.
 */
export function submitRows({ store, queue, drop, timeZone }: Dependencies) {
  const record = recordSubmission(store);
  const suppliers = new Map([[drop.import_supplier, 'open' as const]]);

  const check = (row: DropRow, now: number): CheckedRow => {
    if ('errors' in row) return { outcome: { kind: 'invalid', errors: row.errors } };
    const request = requestOf(row.body);
    const checked = validateCreateRequest(request, suppliers, drop.dropped_at, timeZone);
    if (!checked.valid) {
      // Limited here, because a batch with all errors of all rows would exceed the memory.
      const errors = withinLimit(checked.errors);
      const suggestions = suggestCodes(request, errors, suppliers.keys());
      const isAny = Object.keys(suggestions).length > 0;
      const identifier = identifierOf(request);
      return { outcome: { kind: 'invalid', identifier, errors, ...(isAny && { suggestions }) } };
    }
    const { payload, taskParameters } = checked.data;
    const submission: Submittable = [payload, taskParameters, now, { drop: drop.id, offset: row.offset }];
    return { identifier: payload.supply_point.identifier, submission };
  };

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

/** Returns the identifier of a row if it is well formed. */
function identifierOf(request: unknown): string | undefined {
  const payload = field(request, 'payload');
  const identifier = field(field(payload, 'supply_point'), 'identifier');
  return typeof identifier === 'string' && /^[A-Z0-9]{1,20}$/.test(identifier) ? identifier : undefined;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as ErrorBody)[name]
    : undefined;
}
