import { inBatches, limitRowlessBytes, type Place, type RowBatch, type ScannedRow } from './batches.ts';
import { type BoundedBuffer, boundedBuffer } from './bounded-buffer.ts';
import { type Piece, pieces } from './pieces.ts';
import { type DropRow, jsonRow, ROW_BYTES_MAX, type StreamOptions, TOO_LONG, type ToRow } from './row.ts';

/** A part of a file: the bytes from `start` to `end`, exclusive. */
export type ByteRange = { start: number; end: number };

/** Offset of a range's first chunk. It includes the byte before the range, which shows whether a line begins at the range's start. */
export const openedAt = ({ start }: ByteRange): number => Math.max(0, start - 1);

/**
 * Reads the lines whose first byte is in a range. Consecutive ranges therefore have each line once. `chunks` begin at `openedAt(range)`
 * and continue after the range, because its last line may; only as many as needed are read. Lines are numbered from 1. The last batch has
 * the number of lines, including blank ones.
 *
 * A blank line is not a row. A line that is too long, or not JSON, is a row with the endpoint's errors. An oversized line is not read
 * beyond the range.
 */
export function readRange(
  chunks: AsyncIterable<Uint8Array>,
  range: ByteRange,
  toRow: ToRow = jsonRow,
): AsyncGenerator<RowBatch> {
  const opened = openedAt(range);
  const scanned = scanRows(pieces(chunks, opened), opened, 1, {
    startsInLine: range.start > 0,
    end: range.end,
    toRow,
  });
  return inBatches(scanned, { offset: range.start, line: 1 }, (end) => ({ lines: end.line - 1 }));
}

/** Reads all rows from the beginning of a line on. `chunks` begin at the start of the file. Lines are numbered from `from.line`. */
export function readLines(
  chunks: AsyncIterable<Uint8Array>,
  from: Place,
  { toRow = jsonRow }: StreamOptions = {},
): AsyncGenerator<RowBatch> {
  const scanned = scanRows(pieces(chunks, 0, from.offset), from.offset, from.line, {
    startsInLine: false,
    toRow,
  });
  return inBatches(scanned, from);
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;

/** An incomplete line, which may continue in the next piece. */
type OpenLine = { offset: number; line: number; buffer: BoundedBuffer };

/** A line may end with a carriage return, which is not part of the row. */
const LINE_BYTES_MAX = ROW_BYTES_MAX + '\r'.length;

type ScanOptions = { startsInLine: boolean; end?: number; toRow: ToRow };

async function* scanRows(
  source: AsyncIterable<Piece>,
  offset: number,
  line: number,
  { startsInLine, end = Number.POSITIVE_INFINITY, toRow }: ScanOptions,
): AsyncGenerator<ScannedRow[]> {
  const open: OpenLine = { offset, line, buffer: boundedBuffer(LINE_BYTES_MAX) };
  let isSkipping = startsInLine;
  for await (const piece of source) {
    let at = 0;
    if (isSkipping) {
      at = piece.bytes.indexOf(NEWLINE) + 1;
      open.offset = piece.offset + (at === 0 ? piece.bytes.length : at);
      // Without a newline in this piece, the next line begins after the first byte of the next piece at the earliest.
      if (open.offset + (at === 0 ? 1 : 0) >= end) break;
      if (at === 0) continue;
      isSkipping = false;
    }
    if (open.buffer.bytes === 0) open.offset = piece.offset + at;
    yield closeLines(open, piece, at, { end, toRow });
    if (open.buffer.bytes === 0 && open.offset >= end) break;
    const pieceEnd = piece.offset + piece.bytes.length;
    if (open.buffer.bytes > LINE_BYTES_MAX && pieceEnd >= end) break;
    if (end === Number.POSITIVE_INFINITY) limitRowlessBytes(open, pieceEnd);
  }
  if (open.buffer.bytes > 0) yield [closeLine(open, Buffer.alloc(0), open.offset + open.buffer.bytes, toRow)];
  yield [{ row: undefined, next: { offset: open.offset, line: open.line } }];
}

/** Returns the rows of all lines that end in the piece, and buffers the rest. */
function closeLines(
  open: OpenLine,
  { offset, bytes }: Piece,
  from: number,
  { end, toRow }: { end: number; toRow: ToRow },
): ScannedRow[] {
  const scanned: ScannedRow[] = [];
  let at = from;
  let newline = bytes.indexOf(NEWLINE, at);
  while (newline >= 0) {
    const lineRow = closeLine(open, bytes.subarray(at, newline), offset + newline + 1, toRow);
    // Consecutive blank lines are merged.
    if (lineRow.row === undefined && scanned.length > 0 && scanned.at(-1)!.row === undefined) scanned.pop();
    scanned.push(lineRow);
    if (open.offset >= end) return scanned;
    at = newline + 1;
    newline = bytes.indexOf(NEWLINE, at);
  }
  open.buffer.add(bytes.subarray(at));
  return scanned;
}

/** Completes the line with its last bytes, and begins the next one. */
function closeLine(open: OpenLine, last: Buffer, nextOffset: number, toRow: ToRow): ScannedRow {
  open.buffer.add(last);
  const text = open.buffer.take();
  const { line, offset } = open;
  open.offset = nextOffset;
  open.line += 1;
  return { row: rowIn(text, line, offset, toRow), next: { offset: nextOffset, line: line + 1 } };
}

function rowIn(bytes: Buffer | undefined, line: number, offset: number, toRow: ToRow): DropRow | undefined {
  const text = bytes?.[bytes.length - 1] === RETURN ? bytes.subarray(0, -1) : bytes;
  if (text === undefined || text.length > ROW_BYTES_MAX) return { line, offset, errors: TOO_LONG };
  return isBlank(text) ? undefined : toRow(text, line, offset);
}

function isBlank(text: Buffer): boolean {
  for (const byte of text) if (byte !== SPACE && byte !== TAB && byte !== RETURN) return false;
  return true;
}
