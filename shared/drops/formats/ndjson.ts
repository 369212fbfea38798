import { inBatches, limitRowlessBytes, type Place, type RowBatch, type ScannedRow } from './batches.ts';
import { type BoundedBuffer, boundedBuffer } from './bounded-buffer.ts';
import { type Piece, pieces } from './pieces.ts';
import { type DropRow, jsonRow, ROW_BYTES_MAX, TOO_LONG } from './row.ts';

/** A part of a file: the bytes from `start` to `end`, exclusive. */
export type ByteRange = { start: number; end: number };

/** The offset that the chunks of a range begin at: the byte before it tells whether a line begins with it. */
export const openedAt = ({ start }: ByteRange): number => Math.max(0, start - 1);

/**
 * Reads the rows of the lines whose first byte is in a range; ranges that follow one another have each line
 * once. The chunks begin at `openedAt(range)` and go on after the range, as its last line may: no more are
 * asked for than that needs. Lines are numbered from 1; the last batch says how many there are, blank ones
 * included.
 *
 * A line that is blank is no row. One that is too long, or no JSON, is a row with the endpoint's errors. Of one that is too long
 * nothing behind the range is read.
 */
export function readRange(chunks: AsyncIterable<Uint8Array>, range: ByteRange): AsyncGenerator<RowBatch> {
  const opened = openedAt(range);
  const scanned = scanRows(pieces(chunks, opened), opened, 1, { isInLine: range.start > 0, end: range.end });
  return inBatches(scanned, { offset: range.start, line: 1 }, (end) => ({ lines: end.line - 1 }));
}

/**
 * Reads all rows from a line's beginning on; the chunks begin at the file's. Lines are numbered from
 * `from.line`.
 */
export function readLines(chunks: AsyncIterable<Uint8Array>, from: Place): AsyncGenerator<RowBatch> {
  const scanned = scanRows(pieces(chunks, 0, from.offset), from.offset, from.line, { isInLine: false });
  return inBatches(scanned, from);
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;

/** A line that may go on in the next piece. */
type OpenLine = { offset: number; line: number; buffer: BoundedBuffer };

/** A line is longer than its row by what ends it. */
const LINE_BYTES_MAX = ROW_BYTES_MAX + '\r'.length;

async function* scanRows(
  source: AsyncIterable<Piece>,
  offset: number,
  line: number,
  { isInLine, end = Number.POSITIVE_INFINITY }: { isInLine: boolean; end?: number },
): AsyncGenerator<ScannedRow[]> {
  const open: OpenLine = { offset, line, buffer: boundedBuffer(LINE_BYTES_MAX) };
  let isSkipping = isInLine;
  for await (const piece of source) {
    let at = 0;
    if (isSkipping) {
      at = piece.bytes.indexOf(NEWLINE) + 1;
      open.offset = piece.offset + (at === 0 ? piece.bytes.length : at);
      // A line that has not begun with this piece begins behind the next one's first byte, if not later.
      if (open.offset + (at === 0 ? 1 : 0) >= end) break;
      if (at === 0) continue;
      isSkipping = false;
    }
    if (open.buffer.bytes === 0) open.offset = piece.offset + at;
    yield closeLines(open, piece, at, end);
    if (open.buffer.bytes === 0 && open.offset >= end) break;
    const pieceEnd = piece.offset + piece.bytes.length;
    if (open.buffer.bytes > LINE_BYTES_MAX && pieceEnd >= end) break;
    if (end === Number.POSITIVE_INFINITY) limitRowlessBytes(open, pieceEnd);
  }
  if (open.buffer.bytes > 0) yield [closeLine(open, Buffer.alloc(0), open.offset + open.buffer.bytes)];
  yield [{ row: undefined, next: { offset: open.offset, line: open.line } }];
}

/** Finds the rows of all lines that end in the piece, and keeps what is left of it. */
function closeLines(open: OpenLine, { offset, bytes }: Piece, from: number, end: number): ScannedRow[] {
  const scanned: ScannedRow[] = [];
  let at = from;
  let newline = bytes.indexOf(NEWLINE, at);
  while (newline >= 0) {
    const row = closeLine(open, bytes.subarray(at, newline), offset + newline + 1);
    // Of blank lines that follow one another the last is enough.
    if (row.row === undefined && scanned.length > 0 && scanned.at(-1)!.row === undefined) scanned.pop();
    scanned.push(row);
    if (open.offset >= end) return scanned;
    at = newline + 1;
    newline = bytes.indexOf(NEWLINE, at);
  }
  open.buffer.add(bytes.subarray(at));
  return scanned;
}

/** Ends the line with its last part, and begins the next. */
function closeLine(open: OpenLine, last: Buffer, nextOffset: number): ScannedRow {
  open.buffer.add(last);
  const text = open.buffer.take();
  const { line, offset } = open;
  open.offset = nextOffset;
  open.line += 1;
  return { row: rowIn(text, line, offset), next: { offset: nextOffset, line: line + 1 } };
}

function rowIn(bytes: Buffer | undefined, line: number, offset: number): DropRow | undefined {
  const text = bytes?.[bytes.length - 1] === RETURN ? bytes.subarray(0, -1) : bytes;
  if (text === undefined || text.length > ROW_BYTES_MAX) return { line, offset, errors: TOO_LONG };
  return isBlank(text) ? undefined : jsonRow(text, line, offset);
}

function isBlank(text: Buffer): boolean {
  for (const byte of text) if (byte !== SPACE && byte !== TAB && byte !== RETURN) return false;
  return true;
}
