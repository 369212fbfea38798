import { type DropRow, ROW_BYTES_MAX, UnreadableDrop } from './row.ts';

/**
 * Where a row begins: its 1-based line, and its offset in bytes of what is in the file once it is unpacked.
 */
export type Place = { offset: number; line: number };

/** Rows that follow one another. */
export type RowBatch = {
  rows: DropRow[];
  /** Where reading goes on after these rows; absent in the last batch, which may have no rows. */
  next?: Place;
  /** How many lines begin in a range, blank ones included: in the range's last batch. */
  lines?: number;
};

/** What a reader scanned at a time: a row, or none where lines are blank, and where it goes on. */
export type ScannedRow = { row: DropRow | undefined; next: Place };

/**
 * Rows in a batch at most, and bytes of the file that they span. The bytes bound a batch's memory and time: the worst rows of the
 * largest size take a sixth of a second and 80 MB to validate (85,000 customers or roles that are wrong), and a reader looks at the clock between batches.
 */
export const BATCH_ROWS_MAX = 500;
export const BATCH_BYTES_MAX = 4 * ROW_BYTES_MAX;

/**
 * Bytes that a stream may have between the ends of two rows where reading cannot stop: a row that is too long, or white space in an
 * array. More of them could not be read in a reader's time, however often that is tried.
 */
export const ROWLESS_BYTES_MAX = 16 * 1024 * 1024;

/** @throws UnreadableDrop where more bytes than that lie between what follows the last row and `offset`. */
export function limitRowlessBytes({ offset: from, line }: Place, offset: number): void {
  if (offset - from <= ROWLESS_BYTES_MAX) return;
  throw new UnreadableDrop(
    `More than ${ROWLESS_BYTES_MAX} bytes from line ${line} (byte ${from}) on have no row that can be read: they are a row that is too long, or white space.`,
  );
}

/**
 * Gathers what a reader scanned. A batch ends where another row follows, so that nobody goes on for nothing, or in the middle of many
 * blank lines, which then need not be read again. Before an error of the file is thrown, the rows that came before it are given out.
 *
 * @param last says what the last batch of a range says; without it, what is found is a stream's.
 * @throws UnreadableDrop as {@link limitRowlessBytes}, in streams: a range has an end of its own.
 */
export async function* inBatches(
  scanned: AsyncIterable<readonly ScannedRow[]>,
  from: Place,
  last?: (end: Place) => Pick<RowBatch, 'lines'>,
): AsyncGenerator<RowBatch, undefined> {
  let rows: DropRow[] = [];
  let begin = from;
  let next = from;
  let end = from;
  try {
    for await (const found of scanned) {
      for (const { row, next: behind } of found) {
        end = behind;
        const isLong = end.offset - begin.offset > BATCH_BYTES_MAX;
        if (row === undefined) {
          if (!isLong) continue;
          yield { rows, next: end };
          rows = [];
          begin = end;
        } else {
          if (last === undefined) limitRowlessBytes(next, end.offset);
          if (rows.length === BATCH_ROWS_MAX || (rows.length > 0 && isLong)) {
            yield { rows, next };
            rows = [];
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
