import { type Find, inBatches, type Place, type RowBatch } from './batches.ts';
import { type CellsToBody, readHeader } from './csv-header.ts';
import { type CsvRecord, csvRecords } from './csv-records.ts';
import { pieces } from './pieces.ts';
import { type Rewindable, rewindable } from './rewindable.ts';
import { type DropRow, ROW_BYTES_MAX, TOO_LONG, UnreadableDrop } from './row.ts';

/**
 * Reads the rows of a CSV file (RFC 4180, UTF-8, commas) whose header names fields by their paths; the chunks
 * begin at the file's start. A record whose cells are all empty is no row. One that cannot be read, or has
 * more or fewer cells than the header, is a row with errors.
 *
 * @throws UnreadableDrop where the header is none.
 */
export function readCsv(chunks: AsyncIterable<Uint8Array>, from: Place): AsyncGenerator<RowBatch> {
  return inBatches(findRows(rewindable(pieces(chunks, 0)), from), from);
}

async function* findRows(source: Rewindable, from: Place): AsyncGenerator<Find[]> {
  try {
    const { names, next } = await headerOf(source);
    const toBody = readHeader(names);
    const begin = from.offset > next.offset ? from : next;
    source.letGo(begin.offset);
    for await (const records of csvRecords(source, begin)) {
      yield records.map((record) => ({ row: rowOf(record, names.length, toBody), next: record.next }));
    }
  } finally {
    await source.close();
  }
}

const MISQUOTED = 'a quote is not closed, or is within a cell and not doubled';

async function headerOf(source: Rewindable): Promise<{ names: string[]; next: Place }> {
  for await (const records of csvRecords(source, { offset: await source.begin(), line: 1 })) {
    for (const { line, cells, next } of records) {
      if (cells === 'too long') throw new UnreadableDrop(`The header in line ${line} is too long.`);
      if (cells === 'misquoted')
        throw new UnreadableDrop(`The header in line ${line} is wrong: ${MISQUOTED}.`);
      if (isEmpty(cells)) {
        if (next.offset <= ROW_BYTES_MAX) continue;
        throw new UnreadableDrop(`There is no header in the first ${ROW_BYTES_MAX} bytes.`);
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

/** The texts of cells whose characters are bytes. Undefined where they are not UTF-8. */
function decoded(cells: readonly string[]): string[] | undefined {
  try {
    return cells.map((cell) =>
      /[\x80-\xff]/.test(cell) ? decoder.decode(Buffer.from(cell, 'latin1')) : cell,
    );
  } catch {
    return undefined;
  }
}
