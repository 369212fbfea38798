import * as v from 'valibot';
import type { Validated } from '../../../shared/contract/request.ts';
import { IMPORT_STATUSES, ImportStatus } from '../../../shared/imports/model/import-process.ts';
import { type ListQuery, PAGE_SIZE_MAX } from '../../../shared/imports/use-cases/list-imports.ts';
import { errorsOf, type Parameter, parseOnce, type Query, readPageSize } from '../query.ts';
import { readCursor } from './cursor.ts';

/**
 * Parses a list's query: `status`, `page_size` and `cursor`, each at most once. Unknown parameters are ignored, as upstream
 * does. Returns all errors at once.
 */
export function readListQuery(query: Query, importSupplier: string): Validated<ListQuery> {
  const status = parseOnce(query['status'], undefined, parseStatus);
  const pageSize = readPageSize(query, PAGE_SIZE_MAX);
  const after = parseOnce(query['cursor'], undefined, (text) => parsePosition(text, importSupplier, status));
  if ('value' in status && 'value' in pageSize && 'value' in after) {
    const data = { importSupplier, status: status.value, pageSize: pageSize.value, after: after.value };
    return { valid: true, data };
  }
  return { valid: false, errors: errorsOf({ status, page_size: pageSize, cursor: after }) };
}

function parseStatus(text: string): Parameter<ImportStatus> {
  const status = v.safeParse(ImportStatus, text);
  if (status.success) return { value: status.output };
  return { error: `"${text}" is not a valid choice. Valid choices are ${IMPORT_STATUSES.join(', ')}.` };
}

function parsePosition(
  text: string,
  importSupplier: string,
  status: Parameter<ImportStatus | undefined>,
): Parameter<string> {
  const cursor = readCursor(text);
  if (cursor === undefined) return { error: 'Invalid cursor.' };
  const isOfFilter = 'error' in status || cursor.status === (status.value ?? null);
  if (cursor.supplier !== importSupplier || !isOfFilter) {
    return { error: 'The cursor is from another list.' };
  }
  return { value: cursor.after };
}
