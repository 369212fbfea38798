import { type ErrorBody, type ImportSuppliers, validateCreateRequest } from '../contract/request.ts';
import type { ImportQueue, QueuedImport } from '../imports/queue.ts';
import type { ImportStore } from '../imports/store.ts';
import { recordSubmission, refusalBody, type SubmissionRefusal } from '../imports/submit-import.ts';
import { type DropRow, requestOf } from './rows/row.ts';
import type { RowOutcome } from './tally.ts';

/** Records written at a time by one reader. */
export const WRITES_AT_ONCE_MAX = 48;

const KINDS: Readonly<
  Record<SubmissionRefusal['code'], Exclude<RowOutcome['kind'], 'accepted' | 'invalid'>>
> = {
  supply_point_import_process_already_imported: 'already_imported',
  supply_point_import_process_in_progress: 'in_progress',
  duplicate_in_drop: 'duplicate',
};

type Parts = {
  store: ImportStore;
  queue: ImportQueue;
  suppliers: ImportSuppliers;
  /** The drop's short id: a row is known by it and by its offset. */
  drop: string;
};

/**
 * Submits a drop's rows exactly as the endpoint would, side by side, and the messages of those that were recorded in batches. Rows of the
 * same identifier are submitted one after another, in their order, so that the first is the one that counts.
 *
 * Answers an outcome for each row. `now` is epoch ms. @throws what the clients throw: then the rows are to be submitted again,
 * which does none twice.
 */
export function submitRows({ store, queue, suppliers, drop }: Parts) {
  const record = recordSubmission(store);

  const submit = async (row: DropRow, now: number, messages: QueuedImport[]): Promise<RowOutcome> => {
    if ('errors' in row) return { kind: 'invalid', errors: row.errors };
    const checked = validateCreateRequest(requestOf(row.body), suppliers, now);
    if (!checked.valid)
      return { kind: 'invalid', identifier: identifierOf(row.body), errors: checked.errors };
    const { payload, taskParameters } = checked.data;
    const recorded = await record(payload, taskParameters, now, { drop, offset: row.offset });
    const identifier = payload.supply_point.identifier;
    if (recorded.kind === 'refused') {
      return { kind: KINDS[recorded.refusal.code], identifier, errors: refusalBody(recorded.refusal) };
    }
    if (recorded.message !== undefined) messages.push(recorded.message);
    return { kind: 'accepted', identifier };
  };

  return async (rows: readonly DropRow[], now: number): Promise<RowOutcome[]> => {
    const outcomes = new Array<RowOutcome>(rows.length);
    const messages: QueuedImport[] = [];
    const lastOf = new Map<string, Promise<unknown>>();
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < rows.length) {
        const index = next++;
        const row = rows[index]!;
        const identifier = 'body' in row ? identifierOf(row.body) : undefined;
        const before = identifier === undefined ? undefined : lastOf.get(identifier);
        const submitted =
          before === undefined ? submit(row, now, messages) : before.then(() => submit(row, now, messages));
        if (identifier !== undefined) lastOf.set(identifier, submitted);
        outcomes[index] = await submitted;
      }
    };
    await Promise.all(Array.from({ length: WRITES_AT_ONCE_MAX }, lane));
    await queue.send(messages);
    return outcomes;
  };
}

/** The identifier that a row names, if it is a text as identifiers are. */
function identifierOf(body: unknown): string | undefined {
  const payload = field(requestOf(body), 'payload');
  const identifier = field(field(payload, 'supply_point'), 'identifier');
  return typeof identifier === 'string' && /^[A-Z0-9]{1,20}$/.test(identifier) ? identifier : undefined;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as ErrorBody)[name]
    : undefined;
}
