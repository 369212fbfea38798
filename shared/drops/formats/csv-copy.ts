import { detectDialect, START_BYTES } from './csv-dialect.ts';
import { ERRORS_COLUMN } from './csv-header.ts';
import { type CsvRecord, csvRecords } from './csv-records.ts';
import { pieces } from './pieces.ts';
import { rewindable } from './rewindable.ts';
import { ROW_BYTES_MAX, UnreadableDrop } from './row.ts';
import { asUtf8 } from './utf16.ts';

/** Chosen rows: the error text of each, by the row's byte offset. The offsets ascend. */
export type ChosenRows = {
  /** Discards the rows before this offset, and returns the text for the row at it; undefined if the row is not chosen. */
  at(offset: number): Promise<string | undefined>;
  /** Whether all chosen rows were passed. */
  isOver(): boolean;
};

/**
 * Copies the chosen records of a CSV file, with its header and a last column of errors, in UTF-8. Records stay as they are, but if the file
 * has a column of errors from an earlier copy, that is replaced. A record whose quotes are wrong gets no error. Records that are too long are
 * left out.
 *
 * @throws UnreadableDrop if there is no header
 */
export async function* copyCsv(
  chunks: AsyncIterable<Uint8Array>,
  chosen: ChosenRows,
): AsyncGenerator<Buffer> {
  const source = rewindable(pieces(asUtf8(chunks), 0));
  try {
    const start = await source.start(START_BYTES);
    const { delimiter, endsWithReturns, header } = detectDialect(start.bytes);
    if (endsWithReturns) source.convertReturnsToNewlines();
    let columns: number | undefined;
    let hasErrors = false;
    const place = { offset: start.offset + header.offset, line: 1 + header.lines };
    yield source.buffered(start.offset, place.offset);
    for await (const records of csvRecords(source, place, delimiter)) {
      for (const record of records) {
        if (record.cells === 'too long') continue;
        const bytes = source.buffered(record.offset, record.next.offset);
        if (columns === undefined) {
          if (record.cells === 'misquoted') throw new UnreadableDrop('The header is wrong.');
          if (record.cells.every((cell) => /^[ \t\r]*$/.test(cell))) continue;
          columns = record.cells.length;
          hasErrors = record.cells.at(-1)?.trim() === ERRORS_COLUMN;
          yield hasErrors ? withLineEnd(bytes) : withCell(bytes, delimiter, ERRORS_COLUMN);
          continue;
        }
        const text = await chosen.at(record.offset);
        if (text !== undefined) yield copyOf(record, bytes, { delimiter, columns, hasErrors, text });
        if (chosen.isOver()) return;
      }
    }
  } finally {
    await source.close();
  }
}

type Copying = { delimiter: string; columns: number; hasErrors: boolean; text: string };

function copyOf(
  { cells }: CsvRecord,
  bytes: Buffer,
  { delimiter, columns, hasErrors, text }: Copying,
): Buffer {
  if (typeof cells === 'string' || bytes.length > ROW_BYTES_MAX) return withLineEnd(bytes);
  if (hasErrors) {
    const kept = cells
      .slice(0, columns - 1)
      .map(quoted)
      .join(delimiter);
    return withCell(Buffer.from(kept, 'latin1'), delimiter, text);
  }
  // So that the error of a record with too few cells is in its column.
  const missing = Math.max(0, columns - cells.length);
  return withCell(bytes, delimiter, text, missing);
}

/** Appends a cell to a record, after `missing` empty ones. The line end becomes CR LF. */
function withCell(record: Buffer, delimiter: string, text: string, missing = 0): Buffer {
  const cell = `${delimiter.repeat(missing + 1)}${quoted(text)}\r\n`;
  return Buffer.concat([withoutLineEnd(record), Buffer.from(cell)]);
}

const withLineEnd = (record: Buffer): Buffer => Buffer.concat([withoutLineEnd(record), Buffer.from('\r\n')]);

const [NEWLINE, RETURN] = [0x0a, 0x0d];
function withoutLineEnd(record: Buffer): Buffer {
  const end = record.at(-1) === NEWLINE ? record.subarray(0, -1) : record;
  return end.at(-1) === RETURN ? end.subarray(0, -1) : end;
}

const quoted = (text: string): string => (/^[\w. -]*$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`);
