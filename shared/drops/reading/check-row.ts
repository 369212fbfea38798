import { type ErrorBody, validateCreateRequest } from '../../contract/request.ts';
import { suggestCodes } from '../../contract/suggest-codes.ts';
import type { recordSubmission } from '../../imports/use-cases/submit-import.ts';
import type { Drop } from '../drop.ts';
import { type DropRow, requestOf, withinLimit } from '../formats/row.ts';
import type { RowOutcome } from '../reporting/tally.ts';

/** The part of a drop on which its rows' validation depends. */
export type RowsDrop = Pick<Drop, 'id' | 'import_supplier' | 'dropped_at'>;

/** A validated row: its submission, or its outcome if it is invalid. */
export type CheckedRow = { identifier: string; submission: Submittable } | { outcome: RowOutcome };
type Submittable = Parameters<ReturnType<typeof recordSubmission>>;

/**
 * Validates rows as of the time when the file was dropped, and with an open migration. The result must be the same in every run;
 * otherwise a retry could report a row as invalid that an earlier run submitted. The worker validates again before it imports, and then
 * detects a closed migration or a missed schedule window.
 *
 * @param timeZone IANA name of the time zone of times without an offset
 * @returns a function that checks a row; `now` is epoch ms
 */
export function rowCheck(drop: RowsDrop, timeZone: string): (row: DropRow, now: number) => CheckedRow {
  const suppliers = new Map([[drop.import_supplier, 'open' as const]]);
  return (row, now) => {
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
    const { offset, line } = row;
    const submission: Submittable = [payload, taskParameters, now, { drop: drop.id, offset, line }];
    return { identifier: payload.supply_point.identifier, submission };
  };
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
