import { inBatches, type Place, type RowBatch, type ScannedRow } from './batches.ts';
import { detectDialect, START_BYTES } from './csv-dialect.ts';
import { type CellsToBody, readHeader } from './csv-header.ts';
import { type CsvRecord, csvRecords } from './csv-records.ts';
import { pieces } from './pieces.ts';
import { type Rewindable, rewindable } from './rewindable.ts';
import { type DropRow, ROW_BYTES_MAX, type StreamOptions, TOO_LONG, UnreadableDrop } from './row.ts';
import { asUtf8 } from './utf16.ts';

/**
 * Reads the rows of a CSV file (RFC 4180) whose column names are paths of fields. `chunks` begin at the start of the file. The delimiter
 * is a comma, a semicolon or a tab. Lines end with CR LF, LF or CR. The encoding is UTF-8, or UTF-16 with a byte order mark; then offsets
 * count the bytes of the text in UTF-8.
 *
 * A record with only empty cells is not a row. An invalid record, or one whose number of cells differs from the header's, is a row with
 * errors.
 *
 * @throws UnreadableDrop if the header is invalid, or the encoding is not supported.
 */
export function readCsv(
  chunks: AsyncIterable<Uint8Array>,
  from: Place,
  { ignoresUnknownColumns = false }: StreamOptions = {},
): AsyncGenerator<RowBatch> {
  return inBatches(scanRows(rewindable(pieces(asUtf8(chunks), 0)), from, ignoresUnknownColumns), from);
}

async function* scanRows(
  source: Rewindable,
  from: Place,
  ignoresUnknownColumns: boolean,
): AsyncGenerator<ScannedRow[]> {
  try {
    const start = await source.start(START_BYTES);
    const { delimiter, endsWithReturns, header, ...dialect } = detectDialect(start.bytes);
    if (endsWithReturns) source.convertReturnsToNewlines();
    const place = { offset: start.offset + header.offset, line: 1 + header.lines };
    const { names, next } = await headerOf(csvRecords(source, place, delimiter));
    const toBody = readHeader(names, ignoresUnknownColumns || dialect.ignoresUnknownColumns);
    const begin = from.offset > next.offset ? from : next;
    source.discardBefore(begin.offset);
    for await (const records of csvRecords(source, begin, delimiter)) {
      yield records.map((record) => ({ row: rowOf(record, names.length, toBody), next: record.next }));
    }
  } finally {
    await source.close();
  }
}

const MISQUOTED = 'a quote is not closed, or is within a cell and not doubled';

async function headerOf(
  recordsOf: AsyncIterable<readonly CsvRecord[]>,
): Promise<{ names: string[]; next: Place }> {
  for await (const records of recordsOf) {
    for (const { line, cells, next } of records) {
      if (cells === 'too long') throw new UnreadableDrop(`The header in line ${line} is too long.`);
      if (cells === 'misquoted')
        throw new UnreadableDrop(`The header in line ${line} is wrong: ${MISQUOTED}.`);
      if (isEmpty(cells)) {
        if (next.offset <= ROW_BYTES_MAX) continue;
        throw new UnreadableDrop(`No header was found in the first ${ROW_BYTES_MAX} bytes.`);
      }
      const names = decoded(cells);
      if (names === undefined) throw new UnreadableDrop('The header is not UTF-8.');
      return { names, next };
    }
  }
  throw new UnreadableDrop('The file has no header.');
}

function rowOf(
  { line, offset, cells }: CsvRecord,
  columns: number,
  toBody: CellsToBody,
): DropRow | undefined {
  const wrong = (reason: string): DropRow => ({
    line,
    offset,
    errors: { detail: `CSV parse error - ${reason}` },
  });
  if (cells === 'too long') return { line, offset, errors: TOO_LONG };
  if (cells === 'misquoted') return wrong(MISQUOTED);
  if (isEmpty(cells)) return undefined;
  if (cells.length !== columns) {
    return wrong(`the record has ${cells.length} cells, and the header ${columns}`);
  }
  const texts = decoded(cells);
  return texts === undefined ? wrong('the record is not UTF-8') : { line, offset, body: toBody(texts) };
}

const isEmpty = (cells: readonly string[]): boolean => cells.every((cell) => /^[ \t\r]*$/.test(cell));

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes cells whose characters are bytes. Returns undefined if they are not UTF-8. */
function decoded(cells: readonly string[]): string[] | undefined {
  try {
    return cells.map((cell) =>
      /[\x80-\xff]/.test(cell) ? decoder.decode(Buffer.from(cell, 'latin1')) : cell,
    );
  } catch {
    return undefined;
  }
}
