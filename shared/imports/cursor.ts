import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { ImportStatus } from './import-process.ts';

/** Where a list goes on: after this place (listing.ts), in the list of this supplier and filter. */
export type Cursor = { supplier: string; status: ImportStatus | null; after: string };

const Written = v.pipe(
  v.string(),
  v.parseJson(),
  v.strictTuple([v.string(), v.nullable(ImportStatus), v.pipe(v.string(), v.regex(/^\d{13}#.{1,100}$/))]),
);

/** A supplier's code has at most 64 characters and an identifier ten: no cursor of ours comes near this, in characters. */
const CURSOR_LENGTH_MAX = 400;

/** First byte of every cursor: which way it was written. */
const FORMAT_1 = 1;
/** Bytes of the check sum. It finds out what was cut off or changed by mistake; there is nothing in a cursor to protect. */
const CHECK_BYTES = 6;

/** Writes a cursor: a text that may stand in a query as it is. */
export function writeCursor({ supplier, status, after }: Cursor): string {
  const json = Buffer.from(JSON.stringify([supplier, status, after]));
  return Buffer.concat([Buffer.of(FORMAT_1), checkSum(json), json]).toString('base64url');
}

/** Reads what {@link writeCursor} wrote. Undefined: it did not write this. */
export function readCursor(text: string): Cursor | undefined {
  if (text.length > CURSOR_LENGTH_MAX) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  // Buffer skips what is no base64url, and bits at the end.
  if (bytes.toString('base64url') !== text || bytes[0] !== FORMAT_1) return undefined;
  const json = bytes.subarray(1 + CHECK_BYTES);
  if (!checkSum(json).equals(bytes.subarray(1, 1 + CHECK_BYTES))) return undefined;
  const written = v.safeParse(Written, json.toString());
  if (!written.success) return undefined;
  const [supplier, status, after] = written.output;
  return { supplier, status, after };
}

const checkSum = (bytes: Uint8Array): Buffer =>
  createHash('sha256').update(bytes).digest().subarray(0, CHECK_BYTES);
