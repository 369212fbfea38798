import { ROW_BYTES_MAX, UnreadableDrop } from './row.ts';

/** The dialect of a CSV file, detected from its first lines. */
export type CsvDialect = {
  delimiter: ',' | ';' | '\t';
  /** Whether lines end with a lone carriage return, as written by old spreadsheet programs for the Mac. */
  endsWithReturns: boolean;
  /** Whether the first line is `# ignore-unknown-columns`. */
  ignoresUnknownColumns: boolean;
  /** Position of the header: bytes and lines before it, from the beginning of `start`. */
  header: { offset: number; lines: number };
};

/** Bytes that are checked for the encoding before a row is read. */
export const START_BYTES = 1024 * 1024;

/** Spreadsheet programs may quote the line and append delimiters. */
const IGNORE_UNKNOWN_COLUMNS = /^[ \t]*"?#[ \t]*ignore-unknown-columns"?[ \t,;]*(?:\r\n|\n|\r|$)/;

/**
 * Detects the dialect. The delimiter is the most frequent one in the header outside of quotes; the default is the comma.
 *
 * @param start the file's first bytes, without a byte order mark.
 * @throws UnreadableDrop if they are not UTF-8 text.
 */
export function detectDialect(start: Buffer): CsvDialect {
  requireUtf8(start);
  const text = start.toString('latin1', 0, ROW_BYTES_MAX);
  const ignoring = IGNORE_UNKNOWN_COLUMNS.exec(text)?.[0];
  const header = ignoring?.length ?? 0;
  return {
    delimiter: detectDelimiter(text.slice(header)),
    endsWithReturns: /^[^\r\n]*\r(?!\n)/.test(text),
    ignoresUnknownColumns: ignoring !== undefined,
    header: { offset: header, lines: ignoring === undefined ? 0 : 1 },
  };
}

const DELIMITERS = [',', ';', '\t'] as const;

function detectDelimiter(text: string): CsvDialect['delimiter'] {
  const counts = new Map<string, number>();
  let isQuoted = false;
  let hasName = false;
  for (const character of text) {
    if (character === '"') isQuoted = !isQuoted;
    else if (isQuoted) hasName = true;
    else if (character === '\n' || character === '\r') {
      if (hasName) break;
      counts.clear();
    } else if (DELIMITERS.some((delimiter) => delimiter === character)) {
      counts.set(character, (counts.get(character) ?? 0) + 1);
    } else if (character !== ' ') hasName = true;
  }
  const count = (delimiter: string): number => counts.get(delimiter) ?? 0;
  return DELIMITERS.reduce((most, one) => (count(one) > count(most) ? one : most));
}

const HOW_TO_EXPORT = 'Export it as "CSV UTF-8", or convert it with iconv.';
/** The first bytes of ZIP archives, including workbooks of Excel and LibreOffice. */
const ZIP = Buffer.from('PK\x03\x04');

/** @throws UnreadableDrop with the detected encoding. */
function requireUtf8(start: Buffer): void {
  if (start.subarray(0, ZIP.length).equals(ZIP)) {
    throw new UnreadableDrop(
      `The file is a ZIP archive, such as an Excel workbook, and no CSV. Export it as "CSV UTF-8".`,
    );
  }
  if (start.length >= 2 && (start[0] === 0) !== (start[1] === 0)) {
    throw new UnreadableDrop(`The file is in UTF-16 without a byte order mark. ${HOW_TO_EXPORT}`);
  }
  // The last character may continue after `start`.
  if (isUtf8(start, true)) return;
  const lines = start.toString('latin1').split(/[\r\n]/);
  const hasNonAscii = (line: string) => /[\x80-\xff]/.test(line);
  const nonAscii = lines.filter(hasNonAscii);
  // If another line has non-ASCII characters in UTF-8, the file is in UTF-8 and only some rows are invalid.
  if (nonAscii.some((line) => isUtf8(Buffer.from(line, 'latin1'), false))) return;
  const found = nonAscii.some((line) => /[\x80-\x9f]/.test(line))
    ? 'Windows-1252'
    : 'Windows-1252 or ISO-8859-1 (Latin-1)';
  throw new UnreadableDrop(`The file is not in UTF-8: it looks like ${found}. ${HOW_TO_EXPORT}`);
}

function isUtf8(bytes: Buffer, mayContinue: boolean): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: mayContinue });
    return true;
  } catch {
    return false;
  }
}
