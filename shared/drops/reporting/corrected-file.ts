import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { correctedFileOf, type Drop, reportKey } from '../drop.ts';
import { isRanged, kindOf } from '../formats/drop-kind.ts';
import { gunzip } from '../formats/gzip.ts';
import { openedAt, readRange } from '../formats/ndjson.ts';
import { rawRow, UnreadableDrop } from '../formats/row.ts';
import { DropReplaced, type ObjectStore } from '../objects.ts';
import type { DropStore } from '../store.ts';
import { asLines, chosenOf, chosenRows, copyRows, type FailedRows } from './copy-rows.ts';

/** Size of the ranges in which a file of lines is read again, in bytes. */
const RANGE_BYTES = 8 * 1024 * 1024;

/** `rows`: the number of rows in the file. `because`: why there is none. */
export type CorrectedOutcome = { rows: number } | { because: 'no_report' | 'file_gone' | 'out_of_time' };

/**
 * Writes a drop's corrected file from its report: the failed rows as they were sent, in the format of the dropped file. An operator fixes these
 * rows and drops only them. Rows that are too long are left out. Idempotent. Memory use does not depend on the number of rows.
 *
 * The dropped file is read once more, up to the last failed row. Of a file of lines only the ranges with failed rows are read.
 *
 * @param remainingMs returns the milliseconds until the run times out
 * @throws the clients' errors
 */
export function writeCorrectedFile({ drops, objects }: { drops: DropStore; objects: ObjectStore }) {
  return async (id: string, now: number, remainingMs: () => number): Promise<CorrectedOutcome> => {
    const drop = await drops.get(id);
    if (drop === undefined) return { because: 'file_gone' };
    // The report is written before the state that says so: the task must come again.
    if (drop.read_at === undefined) return { because: 'no_report' };
    const stopBelowMs = remainingMs() / 10;
    const chosen = failedRows(objects, drop, () => {
      if (remainingMs() < stopBelowMs) throw new OutOfTime();
    });
    try {
      const rows = Readable.from(untilUnreadable(copyOf(objects, drop, chosen)), { objectMode: false });
      const isGzip = kindOf(drop.key)?.gzip ?? false;
      const body = isGzip ? compressed(rows) : rows;
      await objects.putStream(
        drop.bucket,
        reportKey(drop, correctedFileOf(drop)),
        body,
        'application/octet-stream',
      );
    } catch (error) {
      if (error instanceof OutOfTime) return { because: 'out_of_time' };
      if (error instanceof DropReplaced) return { because: 'file_gone' };
      throw error;
    } finally {
      await chosen.close();
    }
    await drops.recordCorrectedFile(id, now);
    return { rows: chosen.copied() };
  };
}

class OutOfTime extends Error {
  override name = 'OutOfTime';
}

/** A gzip stream that fails with its source. */
function compressed(source: Readable): Readable {
  const gzip = createGzip();
  source.on('error', (error) => gzip.destroy(error));
  return source.pipe(gzip);
}

/** The rows before an error of the file are copied. */
async function* untilUnreadable(copies: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* copies;
  } catch (error) {
    if (!(error instanceof UnreadableDrop)) throw error;
  }
}

/** The failed rows of a drop's report. `onRow` is called for each. */
function failedRows(objects: ObjectStore, drop: Drop, onRow: () => void): FailedRows {
  return chosenRows(objects.linesFrom(drop.bucket, reportKey(drop, 'failed.ndjson'), 0), onRow);
}

function copyOf(objects: ObjectStore, drop: Drop, chosen: FailedRows): AsyncGenerator<Buffer> {
  const kind = kindOf(drop.key)!;
  const chunks = () => objects.whole(drop);
  if (isRanged(kind)) return copyRangedLines(objects, drop, chosen);
  return copyRows(kind.format, kind.gzip ? gunzip(chunks()) : chunks(), chosen);
}

/** Copies the chosen lines of a file that can be read from any line on. The ranges without chosen lines are not read. */
async function* copyRangedLines(
  objects: ObjectStore,
  drop: Drop,
  chosen: FailedRows,
): AsyncGenerator<Buffer> {
  for (let start = await chosen.next(); start !== undefined; start = await chosen.next()) {
    const range = { start, end: Math.min(start + RANGE_BYTES, drop.size_bytes) };
    const chunks = objects.from(drop, openedAt(range), range.end, drop.size_bytes);
    yield* asLines(chosenOf(readRange(chunks, range, rawRow), chosen));
    // A row that was not found, because it is too long, must not be looked for again.
    await chosen.at(range.end - 1);
  }
}
