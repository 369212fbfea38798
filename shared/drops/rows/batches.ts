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

/** What a reader finds at a time: a row, or none where lines are blank, and where it goes on. */
export type Find = { row: DropRow | undefined; next: Place };

/** Rows in a batch at most; and bytes of their texts, so that long rows do not fill the memory. */
export const BATCH_ROWS_MAX = 500;
const BATCH_BYTES_MAX = 16 * ROW_BYTES_MAX;

/**
 * Gathers what a reader finds. A batch ends only where another row follows, so that nobody goes on for
 * nothing. Before an error of the file is thrown, the rows that came before it are given out.
 */
export async function* inBatches(
  finds: AsyncIterable<readonly Find[]>,
  from: Place,
  last: (end: Place) => Pick<RowBatch, 'lines'> = () => ({}),
): AsyncGenerator<RowBatch, undefined> {
  let rows: DropRow[] = [];
  let begin = from;
  let next = from;
  let end = from;
  try {
    for await (const found of finds) {
      for (const find of found) {
        end = find.next;
        if (find.row === undefined) continue;
        if (
          rows.length === BATCH_ROWS_MAX ||
          (rows.length > 0 && end.offset - begin.offset > BATCH_BYTES_MAX)
        ) {
          yield { rows, next };
          rows = [];
          begin = next;
        }
        rows.push(find.row);
        next = end;
      }
    }
  } catch (error) {
    if (error instanceof UnreadableDrop && rows.length > 0) yield { rows, next };
    throw error;
  }
  yield { rows, ...last(end) };
}
