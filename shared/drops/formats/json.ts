import { inBatches, limitRowlessBytes, type Place, type RowBatch, type ScannedRow } from './batches.ts';
import { type BoundedBuffer, boundedBuffer } from './bounded-buffer.ts';
import { type Piece, pieces } from './pieces.ts';
import { jsonRow, ROW_BYTES_MAX, type StreamOptions, TOO_LONG, type ToRow, UnreadableDrop } from './row.ts';

/**
 * Reads the rows of a JSON file: the elements of an array, or a single object. `chunks` begin at the start of the file. Only one element
 * is in memory at a time. An element that is too long, or invalid with a recognizable end, is a row with the endpoint's errors.
 *
 * @throws UnreadableDrop if the file is not such JSON, after the rows before the error.
 */
export function readJson(
  chunks: AsyncIterable<Uint8Array>,
  from: Place,
  { toRow = jsonRow }: StreamOptions = {},
): AsyncGenerator<RowBatch> {
  return inBatches(scanRows(pieces(chunks, 0, from.offset), from, toRow), from);
}

/** The tokens that are expected outside of rows: at the start of the file, before, between and after the rows of an array, and at the end. */
type Expected = 'file' | 'row or end' | 'row' | 'comma or end' | 'nothing';

type Scan = {
  expected: Expected;
  /** The tokens that are expected after a row. */
  afterRow: Expected;
  line: number;
  row: OpenRow | undefined;
};

/** An incomplete row, which may continue in the next piece. */
type OpenRow = {
  offset: number;
  line: number;
  buffer: BoundedBuffer;
  /** Number of open lists and objects; whether the position is in a string; and whether the next character is escaped. */
  depth: number;
  isInString: boolean;
  isEscaped: boolean;
};

async function* scanRows(
  source: AsyncIterable<Piece>,
  from: Place,
  toRow: ToRow,
): AsyncGenerator<ScannedRow[]> {
  // A stream is only continued after a row of an array.
  const expected = from.offset === 0 ? 'file' : 'comma or end';
  const scan: Scan = { expected, afterRow: 'comma or end', line: from.line, row: undefined };
  let end = from.offset;
  let afterLastRow = from;
  for await (const piece of source) {
    const scanned: ScannedRow[] = [];
    try {
      scanPiece(scan, piece, scanned, toRow);
    } finally {
      // The rows before an error are yielded first; the error is thrown on the next call.
      if (scanned.length > 0) yield scanned;
    }
    end = piece.offset + piece.bytes.length;
    afterLastRow = scanned.at(-1)?.next ?? afterLastRow;
    limitRowlessBytes(afterLastRow, end);
  }
  if (scan.row !== undefined) {
    throw new UnreadableDrop(`The file ends within the row that begins in line ${scan.row.line}.`);
  }
  if (scan.expected === 'file') throw new UnreadableDrop('The file is empty.');
  if (scan.expected !== 'nothing') throw new UnreadableDrop('The file ends before its array does.');
}

const [TAB, NEWLINE, RETURN, SPACE] = [0x09, 0x0a, 0x0d, 0x20];
const [QUOTE, COMMA, BACKSLASH] = [0x22, 0x2c, 0x5c];
const [BRACKET, BRACKET_END, BRACE, BRACE_END] = [0x5b, 0x5d, 0x7b, 0x7d];

const isSpace = (byte: number): boolean =>
  byte === SPACE || byte === NEWLINE || byte === RETURN || byte === TAB;

function scanPiece(scan: Scan, { offset, bytes }: Piece, scanned: ScannedRow[], toRow: ToRow): void {
  let at = 0;
  while (at < bytes.length) {
    if (scan.row === undefined) {
      const isRow = opensRow(scan, bytes[at]!, offset + at);
      if (isRow) scan.row = openRow(scan.line, offset + at);
      else at += 1;
      continue;
    }
    const end = endOfRow(scan.row, bytes, at);
    const part = bytes.subarray(at, end < 0 ? bytes.length : end);
    scan.row.buffer.add(part);
    scan.line += newlinesIn(part);
    if (end < 0) return;
    scanned.push({ row: rowOf(scan.row, toRow), next: { offset: offset + end, line: scan.line } });
    scan.row = undefined;
    scan.expected = scan.afterRow;
    at = end;
  }
}

/** Returns whether a byte outside of rows is the first of a row. Otherwise updates the scan. @throws UnreadableDrop */
function opensRow(scan: Scan, byte: number, offset: number): boolean {
  if (byte === NEWLINE) scan.line += 1;
  if (isSpace(byte)) return false;
  const where = `line ${scan.line} (byte ${offset})`;
  switch (scan.expected) {
    case 'file':
      if (byte !== BRACKET && byte !== BRACE) {
        throw new UnreadableDrop('The file is neither a JSON array nor a JSON object.');
      }
      scan.expected = 'row or end';
      if (byte === BRACE) scan.afterRow = 'nothing';
      return byte === BRACE;
    case 'row or end':
    case 'row':
      if (byte !== COMMA && byte !== BRACKET_END && byte !== BRACE_END) return true;
      if (byte !== BRACKET_END || scan.expected === 'row') {
        throw new UnreadableDrop(`A row is missing in ${where}.`);
      }
      scan.expected = 'nothing';
      return false;
    case 'comma or end':
      if (byte !== COMMA && byte !== BRACKET_END) {
        throw new UnreadableDrop(`A comma or the array's end is missing in ${where}.`);
      }
      scan.expected = byte === COMMA ? 'row' : 'nothing';
      return false;
    case 'nothing':
      throw new UnreadableDrop(
        `There is more after the JSON's end, in ${where}. A file with a row on each line is named .ndjson.`,
      );
  }
}

const openRow = (line: number, offset: number): OpenRow => ({
  offset,
  line,
  buffer: boundedBuffer(ROW_BYTES_MAX),
  depth: 0,
  isInString: false,
  isEscaped: false,
});

/** Returns the end of the row (exclusive), or -1 if the row continues. Does not match kinds of brackets; the parser does. */
function endOfRow(row: OpenRow, bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (row.isInString) {
      if (row.isEscaped) row.isEscaped = false;
      else if (byte === BACKSLASH) row.isEscaped = true;
      else if (byte === QUOTE) {
        row.isInString = false;
        if (row.depth === 0) return at + 1;
      }
    } else if (byte === QUOTE) {
      row.isInString = true;
    } else if (byte === BRACE || byte === BRACKET) {
      row.depth += 1;
    } else if (byte === BRACE_END || byte === BRACKET_END) {
      // A number or a literal ends where the next token begins.
      if (row.depth === 0) return at;
      row.depth -= 1;
      if (row.depth === 0) return at + 1;
    } else if (row.depth === 0 && (byte === COMMA || isSpace(byte))) {
      return at;
    }
  }
  return -1;
}

function rowOf({ buffer, line, offset }: OpenRow, toRow: ToRow) {
  const text = buffer.take();
  return text === undefined ? { line, offset, errors: TOO_LONG } : toRow(text, line, offset);
}

function newlinesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}
