import type * as v from 'valibot';
import { NON_FIELD_ERRORS } from './field.ts';

/** Errors as DRF answers them: nested under the fields' names, and in lists under the items' indexes as text. */
export type ErrorBody = { [field: string]: unknown };

/**
 * Most bytes of an error body as JSON. Nobody is told of more (`too_many_errors`), so validation stops at a list whose errors alone
 * have more: a body of 262,144 bytes can have 85,000 empty accounts.
 */
export const ERRORS_BYTES_MAX = 2 * 1024 * 1024;

/** What was sent, normalised; or all that is wrong with it. */
export type Validated<T> = { valid: true; data: T } | { valid: false; errors: ErrorBody };

/** The error body of the issues that valibot found. */
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
