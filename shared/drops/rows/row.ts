import type { ErrorBody } from '../../contract/request.ts';

/** A row as it was read: what it asks for, or what the endpoint would say of it that could not be read. */
export type DropRow = {
  /** 1-based, counted from where the reader was told that it begins. */
  line: number;
  /** Where the row begins, in bytes of the file once it is unpacked: with the drop it is the row's identity. */
  offset: number;
} & ({ body: unknown } | { errors: ErrorBody });

/** Thrown where a file as a whole cannot be read: no gzip, no array, a header that names no fields. Its message is for the report. */
export class UnreadableDrop extends Error {
  override name = 'UnreadableDrop';
}

/** A row's request: rows are requests (`{"payload": …, "task_params": …}`) or bare payloads. */
export function requestOf(body: unknown): unknown {
  const isBare = typeof body === 'object' && body !== null && !Array.isArray(body) && !('payload' in body);
  return isBare ? { payload: body } : body;
}
