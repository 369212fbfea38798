import { NotJson, parseJson } from './python-json.ts';

/**
 * Parses a request's body as upstream does. The encoding is `charset`, a parameter of the content type. It is UTF-8 when the charset is
 * absent or unknown, as in Django; of Python's encodings only those in which JSON occurs are supported. A character that is incomplete at
 * the end of the body is dropped, as Python's StreamReader does.
 *
 * @throws NotJson for bytes that are invalid in this encoding, and for invalid JSON
 */
export function readJson(bytes: Uint8Array, charset?: string): unknown {
  return parseJson(decoderOf(charset)(bytes));
}

/** Decodes all bytes. @throws NotJson */
type Decoder = (bytes: Uint8Array) => string;

function decoderOf(charset: string | undefined): Decoder {
  // Python ignores case and punctuation in names of encodings.
  const name = charset?.toLowerCase().replace(/[^a-z0-9]+/g, '_') ?? 'utf_8';
  return DECODERS.get(name) ?? utf8;
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function utf8(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return strictUtf8.decode(bytes.subarray(0, endOfUtf8(bytes)));
  }
}

/**
 * Returns the index after the last complete character (source: Objects/stringlib/codecs.h of CPython, utf8_decode).
 *
 * @throws NotJson for invalid UTF-8, other than an incomplete character at the end
 */
function endOfUtf8(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    const first = bytes[at]!;
    const length = lengthOfUtf8(first);
    if (length === 0) throw undecodable('utf-8', bytes, at, 1, 'invalid start byte');
    for (let offset = 1; offset < length; offset += 1) {
      const byte = bytes[at + offset];
      if (byte === undefined) return at;
      const [least, most] = offset === 1 ? (SECOND_BYTES[first] ?? CONTINUATION) : CONTINUATION;
      const isIncompleteSurrogate = first === 0xed && byte > most && byte <= 0xbf && at + 2 === bytes.length;
      if (isIncompleteSurrogate) return at;
      if (byte < least || byte > most) {
        throw undecodable('utf-8', bytes, at, offset, 'invalid continuation byte');
      }
    }
    at += length;
  }
  return at;
}

/** Returns the length of the character that begins with this byte, or 0 when none does. */
function lengthOfUtf8(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

type Range = readonly [least: number, most: number];
const CONTINUATION: Range = [0x80, 0xbf];

/**
 * Allowed second bytes of the first bytes that do not allow every continuation byte. They exclude overlong forms, surrogates and values
 * above U+10FFFF. An incomplete surrogate at the end of the body is dropped like any character.
 */
const SECOND_BYTES: Readonly<Record<number, Range>> = {
  224: [0xa0, 0xbf],
  237: [0x80, 0x9f],
  240: [0x90, 0xbf],
  244: [0x80, 0x8f],
};

function ascii(bytes: Uint8Array): string {
  const at = bytes.findIndex((byte) => byte > 0x7f);
  if (at >= 0) throw undecodable('ascii', bytes, at, 1, 'ordinal not in range(128)');
  return latin1(bytes);
}

const latin1: Decoder = (bytes) => Buffer.from(bytes).toString('latin1');

/** Decodes UTF-16 with a byte order mark. */
function utf16(bytes: Uint8Array): string {
  const mark = bytes.length < 2 ? undefined : bytes[0]! * 256 + bytes[1]!;
  if (mark === undefined) return '';
  if (mark !== 0xfffe && mark !== 0xfeff) throw new NotJson('UTF-16 stream does not start with BOM');
  return mark === 0xfffe ? utf16le(bytes, 2) : utf16be(bytes, 2);
}

const utf16le = (bytes: Uint8Array, from = 0): string =>
  wellFormed('utf-16-le', wholeUnits(bytes).toString('utf16le'), from);

const utf16be = (bytes: Uint8Array, from = 0): string =>
  wellFormed('utf-16-be', wholeUnits(bytes).swap16().toString('utf16le'), from);

/** Returns a copy without an odd last byte. */
const wholeUnits = (bytes: Uint8Array): Buffer => Buffer.from(bytes.subarray(0, bytes.length & ~1));

/** Returns the text from byte `from` on. @throws NotJson for an unpaired surrogate, other than a high one at the end */
function wellFormed(encoding: string, text: string, from: number): string {
  const at = text.search(/\p{Surrogate}/u);
  if (at < 0) return text.slice(from / 2);
  const isHigh = text.charCodeAt(at) < 0xdc00;
  if (isHigh && at === text.length - 1) return text.slice(from / 2, -1);
  const reason = isHigh ? 'illegal UTF-16 surrogate' : 'illegal encoding';
  throw new NotJson(`'${encoding}' codec can't decode bytes in position ${at * 2}-${at * 2 + 1}: ${reason}`);
}

const DECODERS: ReadonlyMap<string, Decoder> = new Map([
  ...['ascii', 'us_ascii', 'us', '646'].map((name) => [name, ascii] as const),
  ...['latin_1', 'latin1', 'latin', 'l1', 'iso_8859_1', 'iso8859_1', '8859', 'cp819'].map(
    (name) => [name, latin1] as const,
  ),
  ...['utf_16', 'utf16', 'u16'].map((name) => [name, utf16] as const),
  ...['utf_16_le', 'utf_16le'].map((name) => [name, (bytes: Uint8Array) => utf16le(bytes)] as const),
  ...['utf_16_be', 'utf_16be'].map((name) => [name, (bytes: Uint8Array) => utf16be(bytes)] as const),
]);

/** Returns an error with Python's message for invalid bytes. For a single byte it includes the value. */
function undecodable(
  encoding: string,
  bytes: Uint8Array,
  at: number,
  length: number,
  reason: string,
): NotJson {
  const what =
    length === 1
      ? `byte 0x${bytes[at]!.toString(16).padStart(2, '0')} in position ${at}`
      : `bytes in position ${at}-${at + length - 1}`;
  return new NotJson(`'${encoding}' codec can't decode ${what}: ${reason}`);
}
