import type * as v from 'valibot';
import { NON_FIELD_ERRORS } from './field.ts';

/** Errors in DRF's format: nested by the names of fields, and in lists by the indexes of items, as text. */
export type ErrorBody = { [field: string]: unknown };

/**
 * Largest error body in bytes of JSON. The API answers `too_many_errors` for a larger one, so validation of a list stops when its errors
 * exceed this. A request body of 262,144 bytes can have 85,000 empty accounts.
 */
export const ERRORS_BYTES_MAX = 2 * 1024 * 1024;

/** The normalised data of a request, or all its errors. */
export type Validated<T> = { valid: true; data: T } | { valid: false; errors: ErrorBody };

/** Converts valibot's issues to an error body. */
export function errorBody(issues: readonly v.BaseIssue<unknown>[]): ErrorBody {
  const body: ErrorBody = {};
  for (const { path = [], message } of issues) {
    const keys = path.map(({ key }) => String(key));
    const field = keys.pop() ?? NON_FIELD_ERRORS;
    let errors = body;
    for (const key of keys) {
      errors[key] ??= {};
      errors = errors[key] as ErrorBody;
    }
    errors[field] ??= [];
    (errors[field] as string[]).push(message);
  }
  return body;
}
