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

/**
 * Most that is told of a row, as JSON: what the endpoint answers at most. Errors can be forty times as long as what they are about.
 */
export const ROW_ERRORS_BYTES_MAX = 2 * 1024 * 1024;

const TOO_MANY_ERRORS: ErrorBody = {
  detail: `The errors exceed ${ROW_ERRORS_BYTES_MAX} bytes.`,
  code: 'too_many_errors',
};

/** The errors, or instead of too many what the endpoint says of so many. */
export function withinLimit(errors: ErrorBody): ErrorBody {
  return Buffer.byteLength(JSON.stringify(errors)) > ROW_ERRORS_BYTES_MAX ? TOO_MANY_ERRORS : errors;
}

/** The row in a JSON text, or what the endpoint would say of the text. */
export function jsonRow(text: Uint8Array, line: number, offset: number): DropRow {
  try {
    return { line, offset, body: JSON.parse(decoder.decode(text)) };
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : 'the body is not UTF-8';
    return { line, offset, errors: { detail: `JSON parse error - ${reason}` } };
  }
}

// As the endpoint reads a body: a byte order mark is no JSON but at the file's start, where it is not part of
// the row.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

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
  const isBare = typeof body === 'object' && body !== null && !Array.isArray(body) && !('payload' in body);
  return isBare ? { payload: body } : body;
}
