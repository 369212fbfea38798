import * as v from 'valibot';
import type { Validated } from '../../../shared/contract/request.ts';
import type { FailedRowsPosition } from '../../../shared/drops/failed-rows.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { errorsOf, type Parameter, parseOnce, type Query, readPageSize } from '../query.ts';

/** Maximum number of drops, or of failed rows, on a page. */
export const DROPS_PAGE_SIZE_MAX = 100;

/** A page of a supplier's drops. `after` is a position of the index (store.ts); undefined: the first page. */
export type DropsQuery = { pageSize: number; after: string | undefined };

const DropsCursor = v.strictTuple([
  v.literal('drops'),
  v.string(),
  v.pipe(v.string(), v.regex(/^\d{13}#[\w-]{16}$/)),
]);

/** Parses the query of a list of drops: `page_size` and `cursor`. Returns all errors at once. */
export function readDropsQuery(query: Query, supplier: string): Validated<DropsQuery> {
  const pageSize = readPageSize(query, DROPS_PAGE_SIZE_MAX);
  const after = parseOnce(query['cursor'], undefined, (text): Parameter<string> => {
    const cursor = decodeCursor(text, DropsCursor);
    if (cursor === undefined) return { error: 'Invalid cursor.' };
    return cursor[1] === supplier ? { value: cursor[2] } : { error: 'The cursor is from another list.' };
  });
  if ('value' in pageSize && 'value' in after) {
    return { valid: true, data: { pageSize: pageSize.value, after: after.value } };
  }
  return { valid: false, errors: errorsOf({ page_size: pageSize, cursor: after }) };
}

const FailedRowsCursor = v.strictTuple([v.literal('failed-rows'), v.string(), v.number(), v.number()]);

/** Parses the query of a drop's failed rows: `page_size` and `cursor`. Returns all errors at once. */
export function readFailedRowsQuery(
  query: Query,
  drop: string,
): Validated<{ pageSize: number; after: FailedRowsPosition | undefined }> {
  const pageSize = readPageSize(query, DROPS_PAGE_SIZE_MAX);
  const after = parseOnce(query['cursor'], undefined, (text): Parameter<FailedRowsPosition> => {
    const cursor = decodeCursor(text, FailedRowsCursor);
    if (cursor === undefined) return { error: 'Invalid cursor.' };
    const [, of, offset, place] = cursor;
    return of === drop ? { value: { offset, place } } : { error: 'The cursor is from another list.' };
  });
  if ('value' in pageSize && 'value' in after) {
    return { valid: true, data: { pageSize: pageSize.value, after: after.value } };
  }
  return { valid: false, errors: errorsOf({ page_size: pageSize, cursor: after }) };
}

/** Returns the cursor of the failed rows after a position. */
export const failedRowsCursor = (drop: string, { offset, place }: FailedRowsPosition): string =>
  encodeCursor(['failed-rows', drop, offset, place]);

/** Returns the cursor of the page after a position. */
export const dropsCursor = (supplier: string, after: string): string =>
  encodeCursor(['drops', supplier, after]);
