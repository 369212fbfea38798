import { ERRORS_BYTES_MAX } from '../../contract/error-body.ts';
import { readJson } from '../../contract/json-body.ts';
import { NotJson } from '../../contract/python-json.ts';
import { isDictionary } from '../../contract/python-values.ts';
import type { ErrorBody } from '../../contract/request.ts';

/** A row: its request body, or the endpoint's errors if it could not be parsed. */
export type DropRow = {
  /** 1-based, relative to the line number that the reader was given. */
  line: number;
  /** Offset in bytes of the decompressed file. The drop's id and the offset identify the row. */
  offset: number;
} & ({ body: unknown } | { errors: ErrorBody });

/** Maximum bytes of a row; the same as for a request body. */
export const ROW_BYTES_MAX = 262_144;

/** The endpoint's error for a longer row. */
export const TOO_LONG: ErrorBody = {
  detail: `Request body exceeds ${ROW_BYTES_MAX} bytes.`,
  code: 'request_too_large',
};

const TOO_MANY_ERRORS: ErrorBody = {
  detail: `The errors exceed ${ERRORS_BYTES_MAX} bytes.`,
  code: 'too_many_errors',
};

/** Returns the errors, or the endpoint's `too_many_errors` if they exceed the limit. */
export function withinLimit(errors: ErrorBody): ErrorBody {
  return Buffer.byteLength(JSON.stringify(errors)) > ERRORS_BYTES_MAX ? TOO_MANY_ERRORS : errors;
}

/** Parses a row as the endpoint parses a body. Returns a row with the endpoint's errors if it is invalid. */
export function jsonRow(text: Uint8Array, line: number, offset: number): DropRow {
  try {
    return { line, offset, body: readJson(text) };
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    return { line, offset, errors: { detail: `JSON parse error - ${error.message}`, code: 'parse_error' } };
  }
}

/** Makes a row of its text. {@link rawRow} keeps the text as the body. */
export type ToRow = (text: Buffer, line: number, offset: number) => DropRow;

export type StreamOptions = {
  /** Whether unknown columns of a CSV file are ignored even without `# ignore-unknown-columns` in the first line. */
  ignoresUnknownColumns?: boolean | undefined;
  /** How rows of JSON are made of their text. Default: by parsing it. */
  toRow?: ToRow | undefined;
};

/** Keeps a row's text unparsed, for a copy of the row. */
export const rawRow: ToRow = (text, line, offset) => ({ line, offset, body: text });

/** Thrown when a file cannot be read, such as for damaged gzip or an invalid header. The message is shown in the report. */
export class UnreadableDrop extends Error {
  override name = 'UnreadableDrop';
  /** The problem's code in the report. */
  readonly code: string = 'unreadable';
}

/** Returns a row's request. A row is a request (`{"payload": …, "task_params": …}`) or only its payload. */
export function requestOf(body: unknown): unknown {
  return isDictionary(body) && !('payload' in body) ? { payload: body } : body;
}
