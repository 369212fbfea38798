import * as v from 'valibot';
import type { ErrorBody, Validated } from '../../../shared/contract/request.ts';
import { IMPORT_STATUSES, ImportStatus } from '../../../shared/imports/model/import-process.ts';
import { type ListQuery, PAGE_SIZE_MAX } from '../../../shared/imports/use-cases/list-imports.ts';
import { readCursor } from './cursor.ts';

const PAGE_SIZE_DEFAULT = 20;

type Parameter<T> = { value: T } | { error: string };

/**
 * Parses a list's query: `status`, `page_size` and `cursor`, each at most once. Unknown parameters are ignored, as upstream
 * does. Returns all errors at once.
 */
export function readListQuery(
  query: Readonly<Record<string, readonly string[] | undefined>>,
  importSupplier: string,
): Validated<ListQuery> {
  const status = parseOnce(query['status'], undefined, parseStatus);
  const pageSize = parseOnce(query['page_size'], PAGE_SIZE_DEFAULT, parsePageSize);
  const after = parseOnce(query['cursor'], undefined, (text) => parsePosition(text, importSupplier, status));
  if ('value' in status && 'value' in pageSize && 'value' in after) {
    const data = { importSupplier, status: status.value, pageSize: pageSize.value, after: after.value };
    return { valid: true, data };
  }
  const errors: ErrorBody = {};
  for (const [name, parameter] of Object.entries({ status, page_size: pageSize, cursor: after })) {
    if ('error' in parameter) errors[name] = [parameter.error];
  }
  return { valid: false, errors };
}

/** Parses a parameter. A repeated one is an error, because one of its values would be ignored. */
function parseOnce<T, D>(
  values: readonly string[] = [],
  absent: D,
  read: (value: string) => Parameter<T>,
): Parameter<T | D> {
  const [value, second] = values;
  if (value === undefined) return { value: absent };
  return second === undefined ? read(value) : { error: 'This parameter may be given only once.' };
}

function parseStatus(text: string): Parameter<ImportStatus> {
  const status = v.safeParse(ImportStatus, text);
  if (status.success) return { value: status.output };
  return { error: `"${text}" is not a valid choice. Valid choices are ${IMPORT_STATUSES.join(', ')}.` };
}

/** Error texts: Django REST framework, IntegerField. */
function parsePageSize(text: string): Parameter<number> {
  if (!/^-?\d{1,9}$/.test(text)) return { error: 'A valid integer is required.' };
  const size = Number(text);
  if (size < 1) return { error: 'Ensure this value is greater than or equal to 1.' };
  if (size > PAGE_SIZE_MAX) return { error: `Ensure this value is less than or equal to ${PAGE_SIZE_MAX}.` };
  return { value: size };
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
