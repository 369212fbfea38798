import { type DropRow, ROW_BYTES_MAX, UnreadableDrop } from './row.ts';

/** The position of a row: its 1-based line, and its offset in bytes of the decompressed file. */
export type Place = { offset: number; line: number };

/** A batch of consecutive rows. */
export type RowBatch = {
  rows: DropRow[];
  /** Where reading continues after this batch; absent in the last batch, which may be empty. */
  next?: Place;
  /** Only in the last batch of a range: the number of lines that begin in the range, including blank ones. */
  lines?: number;
};

/** A scanned row, or undefined for blank lines, and the position after it. */
export type ScannedRow = { row: DropRow | undefined; next: Place };

/**
 * Maximum rows in a batch, and maximum bytes of the file that they span. The bytes bound a batch's memory and time, because readers
 * check the clock only between batches. The worst rows of maximum size (85,000 invalid customers or roles) take a sixth of a second and
 * 80 MB to validate.
 */
export const BATCH_ROWS_MAX = 500;
/** Maximum rows in the first batch. It is small, because a part's first errors are published after it. */
export const FIRST_BATCH_ROWS_MAX = 100;
export const BATCH_BYTES_MAX = 4 * ROW_BYTES_MAX;

/**
 * Maximum bytes between the ends of two rows in a stream, such as an oversized row or white space in an array. Reading cannot stop and
 * continue between them. A reader would time out on more bytes, on every retry.
 */
export const ROWLESS_BYTES_MAX = 16 * 1024 * 1024;

/** @throws UnreadableDrop if more than {@link ROWLESS_BYTES_MAX} lie between the end of the last row and `offset`. */
export function limitRowlessBytes({ offset: from, line }: Place, offset: number): void {
  if (offset - from <= ROWLESS_BYTES_MAX) return;
  throw new UnreadableDrop(
    `More than ${ROWLESS_BYTES_MAX} bytes from line ${line} (byte ${from}) on have no row that can be read: they are a row that is too long, or white space.`,
  );
}

/**
 * Groups scanned rows into batches. A batch ends before another row, because a part without rows would be useless; or within many blank
 * lines, which are then not read again. If the file is unreadable, the rows before the error are yielded first.
 *
 * @param last returns the extra fields of a range's last batch; absent for streams.
 * @throws UnreadableDrop as {@link limitRowlessBytes}; for streams only, because a range is bounded.
 */
export async function* inBatches(
  scanned: AsyncIterable<readonly ScannedRow[]>,
  from: Place,
  last?: (end: Place) => Pick<RowBatch, 'lines'>,
): AsyncGenerator<RowBatch, undefined> {
  let rows: DropRow[] = [];
  let rowsMax = FIRST_BATCH_ROWS_MAX;
  let begin = from;
  let next = from;
  let end = from;
  try {
    for await (const group of scanned) {
      for (const { row, next: after } of group) {
        end = after;
        const isLong = end.offset - begin.offset > BATCH_BYTES_MAX;
        if (row === undefined) {
          if (!isLong) continue;
          yield { rows, next: end };
          rows = [];
          begin = end;
        } else {
          if (last === undefined) limitRowlessBytes(next, end.offset);
          if (rows.length === rowsMax || (rows.length > 0 && isLong)) {
            yield { rows, next };
            rows = [];
            rowsMax = BATCH_ROWS_MAX;
            begin = next;
          }
          rows.push(row);
        }
        next = end;
      }
    }
  } catch (error) {
    if (error instanceof UnreadableDrop && rows.length > 0) yield { rows, next };
    throw error;
  }
  yield { rows, ...last?.(end) };
}
