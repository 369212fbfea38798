import { type Parser, parse } from 'csv-parse';
import type { Place } from './batches.ts';
import type { Rewindable } from './rewindable.ts';
import { ROW_BYTES_MAX } from './row.ts';

/**
 * A record: its cells in latin1, where each character is a byte; or the reason why its first line is invalid. Then only that line is
 * skipped, and the next line begins a new record. An unclosed quote therefore affects only its own line.
 */
export type CsvRecord = Place & { cells: readonly string[] | 'misquoted' | 'too long'; next: Place };

/** The parser looks ahead by some bytes. They are added to the limit, because a record that ends within it must be found. */
const LOOK_AHEAD_BYTES = 16;
const READ_BYTES_MAX = 64 * 1024;

/** Reads records from the beginning of a record on. Bytes before the consumed records are discarded. */
export async function* csvRecords(
  source: Rewindable,
  from: Place,
  delimiter: string,
): AsyncGenerator<CsvRecord[]> {
  let place = from;
  while ((await source.read(place.offset, 1)).length > 0) {
    const { broken, at } = yield* parsedRecords(source, place, delimiter);
    if (broken === undefined) return;
    place = { offset: await source.nextLine(at), line: at.line + 1 };
    yield [{ ...at, cells: broken, next: place }];
  }
}

type ParseEnd = { broken: 'misquoted' | 'too long' | undefined; at: Place };

/** Reads records up to the first invalid one. */
async function* parsedRecords(
  source: Rewindable,
  from: Place,
  delimiter: string,
): AsyncGenerator<CsvRecord[], ParseEnd> {
  const parser = recordParser(from.offset, delimiter);
  let at = from;
  let given = from.offset;
  for (;;) {
    const givenMax = at.offset + ROW_BYTES_MAX + LOOK_AHEAD_BYTES;
    const bytes = await source.read(given, Math.min(READ_BYTES_MAX, givenMax - given));
    const isOver = bytes.length === 0;
    given += bytes.length;
    const isBroken = await (isOver && given < givenMax ? parser.end() : parser.write(bytes));
    const records: CsvRecord[] = [];
    let isTooLong = false;
    for (const { cells, end } of parser.taken()) {
      isTooLong = lengthOf(source.buffered(at.offset, end)) > ROW_BYTES_MAX;
      if (isTooLong) break;
      const next = { offset: end, line: at.line + linesOf(cells) };
      records.push({ ...at, cells, next });
      at = next;
    }
    if (records.length > 0) yield records;
    if (isTooLong) return { broken: 'too long', at };
    if (isBroken) return { broken: 'misquoted', at };
    if (isOver) return { broken: given < givenMax ? undefined : 'too long', at };
    source.discardBefore(at.offset);
  }
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Length without the line end. */
function lengthOf(record: Buffer): number {
  if (record.at(-1) !== NEWLINE) return record.length;
  return record.length - (record.at(-2) === RETURN ? 2 : 1);
}

const linesOf = (cells: readonly string[]): number =>
  1 + cells.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0);

type Parsed = { cells: string[]; end: number };

/** Wraps csv-parse. `write` and `end` return whether a quote is wrong; `taken` returns the records that are complete since the last call. */
function recordParser(offset: number, delimiter: string) {
  let parsed: Parsed[] = [];
  const parser: Parser = parse({
    encoding: 'latin1',
    delimiter,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    on_record: (cells: string[], { bytes }) => {
      parsed.push({ cells, end: offset + bytes });
      return null;
    },
  });
  // The callbacks of `write` and `end` get the errors too. Without a listener they would end the process.
  parser.on('error', () => {});
  const isError = (call: (done: (error?: Error | null) => void) => unknown): Promise<boolean> =>
    new Promise((resolve) => call((error) => resolve(error instanceof Error)));
  return {
    write: (bytes: Buffer): Promise<boolean> => isError((done) => parser.write(bytes, done)),
    end: (): Promise<boolean> => isError((done) => parser.end(done)),
    taken(): Parsed[] {
      const taken = parsed;
      parsed = [];
      return taken;
    },
  };
}
