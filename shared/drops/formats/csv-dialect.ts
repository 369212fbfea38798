import { ROW_BYTES_MAX, UnreadableDrop } from './row.ts';

/** How a CSV file is written, as its first lines show. */
export type CsvDialect = {
  delimiter: ',' | ';' | '\t';
  /** Its lines end with a carriage return alone, as old spreadsheet programs for the Mac write them. */
  endsWithReturns: boolean;
  /** Its first line says that columns may be there that no field is named by. */
  ignoresUnknownColumns: boolean;
  /** Where the header begins, in bytes from the start that was looked at; and in how many lines. */
  header: { offset: number; lines: number };
};

/** How much of a file is looked at for its encoding before a row is read. */
export const START_BYTES = 1024 * 1024;

/** Spreadsheet programs may quote the line, and fill it up with delimiters. */
const IGNORE_UNKNOWN_COLUMNS = /^[ \t]*"?#[ \t]*ignore-unknown-columns"?[ \t,;]*(?:\r\n|\n|\r|$)/;

/**
 * The dialect: the delimiter is the one that the header has most of outside of quotes; without any it is the comma.
 *
 * @param start the file's first bytes, without a byte order mark.
 * @throws UnreadableDrop where they are of another encoding, or no text.
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
/** How ZIP archives begin, and so workbooks of Excel and LibreOffice. */
const ZIP = Buffer.from('PK\x03\x04');

/** @throws UnreadableDrop naming the encoding that was found. */
function requireUtf8(start: Buffer): void {
  if (start.subarray(0, ZIP.length).equals(ZIP)) {
    throw new UnreadableDrop(
      `The file is a ZIP archive, such as an Excel workbook, and no CSV. Export it as "CSV UTF-8".`,
    );
  }
  if (start.length >= 2 && (start[0] === 0) !== (start[1] === 0)) {
    throw new UnreadableDrop(`The file is in UTF-16 without a byte order mark. ${HOW_TO_EXPORT}`);
  }
  // The last character may go on behind the start.
  if (isUtf8(start, true)) return;
  const lines = start.toString('latin1').split(/[\r\n]/);
  const isForeign = (line: string) => /[\x80-\xff]/.test(line);
  const foreign = lines.filter(isForeign);
  // Where other lines have characters in UTF-8, the file is in UTF-8, and some of its rows are wrong.
  if (foreign.some((line) => isUtf8(Buffer.from(line, 'latin1'), false))) return;
  const found = foreign.some((line) => /[\x80-\x9f]/.test(line))
    ? 'Windows-1252'
    : 'Windows-1252 or ISO-8859-1 (Latin-1)';
  throw new UnreadableDrop(`The file is not in UTF-8: it looks like ${found}. ${HOW_TO_EXPORT}`);
}

function isUtf8(bytes: Buffer, mayGoOn: boolean): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: mayGoOn });
    return true;
  } catch {
    return false;
  }
}
