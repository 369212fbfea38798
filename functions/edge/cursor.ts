import { createHash } from 'node:crypto';
import * as v from 'valibot';

/** Maximum length of a cursor, in characters. Codes have at most 64 characters, so valid cursors are much shorter. */
const CURSOR_LENGTH_MAX = 400;

/** The first byte of a cursor: the format's version. */
const FORMAT_1 = 1;
/** Length of the checksum, in bytes. It detects truncation and mistakes; a cursor contains nothing that needs a signature. */
const CHECK_BYTES = 6;

/** Returns values as a cursor in base64url, which needs no escaping in a query. */
export function encodeCursor(values: readonly unknown[]): string {
  const json = Buffer.from(JSON.stringify(values));
  return Buffer.concat([Buffer.of(FORMAT_1), checkSum(json), json]).toString('base64url');
}

/** Parses a cursor of {@link encodeCursor}. Returns undefined for any other text, and for values that do not fit the schema. */
export function decodeCursor<const Schema extends v.GenericSchema<unknown>>(
  text: string,
  schema: Schema,
): v.InferOutput<Schema> | undefined {
  if (text.length > CURSOR_LENGTH_MAX) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  // Buffer ignores invalid characters and surplus bits, so the text is compared.
  if (bytes.toString('base64url') !== text || bytes[0] !== FORMAT_1) return undefined;
  const json = bytes.subarray(1 + CHECK_BYTES);
  if (!checkSum(json).equals(bytes.subarray(1, 1 + CHECK_BYTES))) return undefined;
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), json.toString());
  return parsed.success ? (parsed.output as v.InferOutput<Schema>) : undefined;
}

const checkSum = (bytes: Uint8Array): Buffer =>
  createHash('sha256').update(bytes).digest().subarray(0, CHECK_BYTES);
