import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { ImportStatus } from '../../../shared/imports/model/import-process.ts';

/** A position (listing.ts) in the list of this supplier and filter. The next page starts after it. */
export type Cursor = { supplier: string; status: ImportStatus | null; after: string };

const CursorTuple = v.pipe(
  v.string(),
  v.parseJson(),
  v.strictTuple([v.string(), v.nullable(ImportStatus), v.pipe(v.string(), v.regex(/^\d{13}#.{1,100}$/))]),
);

/**
 * Maximum length of a cursor, in characters. Codes have at most 64 characters and identifiers ten, so valid cursors are much
 * shorter.
 */
const CURSOR_LENGTH_MAX = 400;

/** The first byte of a cursor: the format's version. */
const FORMAT_1 = 1;
/** Length of the checksum, in bytes. It detects truncation and mistakes; a cursor contains nothing that needs a signature. */
const CHECK_BYTES = 6;

/** Returns a cursor as base64url, which needs no escaping in a query. */
export function writeCursor({ supplier, status, after }: Cursor): string {
  const json = Buffer.from(JSON.stringify([supplier, status, after]));
  return Buffer.concat([Buffer.of(FORMAT_1), checkSum(json), json]).toString('base64url');
}

/** Parses a cursor of {@link writeCursor}. Returns undefined for any other text. */
export function readCursor(text: string): Cursor | undefined {
  if (text.length > CURSOR_LENGTH_MAX) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  // Buffer ignores invalid characters and surplus bits, so the text is compared.
  if (bytes.toString('base64url') !== text || bytes[0] !== FORMAT_1) return undefined;
  const json = bytes.subarray(1 + CHECK_BYTES);
  if (!checkSum(json).equals(bytes.subarray(1, 1 + CHECK_BYTES))) return undefined;
  const parsed = v.safeParse(CursorTuple, json.toString());
  if (!parsed.success) return undefined;
  const [supplier, status, after] = parsed.output;
  return { supplier, status, after };
}

const checkSum = (bytes: Uint8Array): Buffer =>
  createHash('sha256').update(bytes).digest().subarray(0, CHECK_BYTES);
