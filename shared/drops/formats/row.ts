import { ERRORS_BYTES_MAX } from '../../contract/error-body.ts';
import { readJson } from '../../contract/json-body.ts';
import { NotJson } from '../../contract/python-json.ts';
import { isDictionary } from '../../contract/python-values.ts';
import type { ErrorBody } from '../../contract/request.ts';

/** A row as it was read: what it asks for, or what the endpoint would say of it that could not be read. */
export type DropRow = {
  /** 1-based, counted from where the reader was told that it begins. */
  line: number;
  /**
   * Where the row begins, in bytes of the file once it is unpacked: with the drop it is the row's identity.
   */
  offset: number;
} & ({ body: unknown } | { errors: ErrorBody });

/** Largest row: what the endpoint takes in a request's body. */
export const ROW_BYTES_MAX = 262_144;

/** What is said of a row that is longer, as the endpoint says it. */
export const TOO_LONG: ErrorBody = {
  detail: `Request body exceeds ${ROW_BYTES_MAX} bytes.`,
  code: 'request_too_large',
};

const TOO_MANY_ERRORS: ErrorBody = {
  detail: `The errors exceed ${ERRORS_BYTES_MAX} bytes.`,
  code: 'too_many_errors',
};

/** The errors, or instead of too many what the endpoint says of so many. */
export function withinLimit(errors: ErrorBody): ErrorBody {
  return Buffer.byteLength(JSON.stringify(errors)) > ERRORS_BYTES_MAX ? TOO_MANY_ERRORS : errors;
}

/** The row in a JSON text, read as the endpoint reads a body, or what the endpoint would say of the text. */
export function jsonRow(text: Uint8Array, line: number, offset: number): DropRow {
  try {
    return { line, offset, body: readJson(text) };
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    return { line, offset, errors: { detail: `JSON parse error - ${error.message}`, code: 'parse_error' } };
  }
}

/**
 * Thrown where a file as a whole cannot be read: no gzip, no array, a header that names no fields. Its
 * message is for the report.
 */
export class UnreadableDrop extends Error {
  override name = 'UnreadableDrop';
  /** The problem's code in the report. */
  readonly code: string = 'unreadable';
}

/** A row's request: rows are requests (`{"payload": …, "task_params": …}`) or bare payloads. */
export function requestOf(body: unknown): unknown {
  return isDictionary(body) && !('payload' in body) ? { payload: body } : body;
}
