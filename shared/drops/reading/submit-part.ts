import { ignoredFields } from '../../contract/ignored-fields.ts';
import type { ImportQueue } from '../../imports/storage/queue.ts';
import type { ImportStore } from '../../imports/storage/store.ts';
import type { CancelImport } from '../cancel-pending.ts';
import type { Drop, DropPart, DropProblem } from '../drop.ts';
import type { RowBatch } from '../formats/batches.ts';
import { type DropRow, requestOf, UnreadableDrop } from '../formats/row.ts';
import { DropReplaced, type ObjectStore } from '../objects.ts';
import type { DropQueue } from '../queue.ts';
import { partOutput } from '../reporting/part-output.ts';
import { type RowOutcome, Tally } from '../reporting/tally.ts';
import type { DropStore } from '../store.ts';
import { type PartStart, partProgress } from './part-progress.ts';
import { recountRows } from './recount-rows.ts';
import { type Milliseconds, submitRows, timed } from './submit-rows.ts';

/** The context of a run. `run` is unique per run; `remainingMs` returns the milliseconds until the time-out; `now` returns epoch ms. */
export type TaskRun = { now: () => number; run: string; remainingMs: () => number };

export type ReadDependencies = {
  drops: DropStore;
  objects: ObjectStore;
  queue: DropQueue;
  imports: ImportStore;
  importQueue: ImportQueue;
  /** IANA name of the time zone of times without an offset. */
  timeZone: string;
  /** Number of rows after which a part of a stream ends. */
  streamPartRows: number;
};
export type TaskDependencies = ReadDependencies & { cancelImport: CancelImport };

/** A part's rows, where it begins, and for a byte range where it ends. */
export type PartRows = { batches: AsyncGenerator<RowBatch>; start: PartStart; end?: number };

/** How often a run reads whether its drop was cancelled, at most. */
const CANCELLATION_CHECKED_MS = 500;

/**
 * Submits rows until the part is full or the file ends, and stores the part's result. `isFirst` is false if another run stored the part
 * first; then `part` is that run's result.
 *
 * A part that cannot be read to its end has a `problem`. The rows before the problem count. In a cancelled drop no more rows are submitted,
 * and the part ends. If an earlier run has begun the part, the rows that it submitted are found and count, too.
 */
export async function submitPart(
  dependencies: ReadDependencies,
  drop: Drop,
  number: number,
  { batches, start, end: rangeEnd }: PartRows,
  { run, now }: TaskRun,
  isFull: (rows: number) => boolean,
): Promise<{ part: DropPart; isFirst: boolean; isStopped: boolean; took: Milliseconds }> {
  const took = { read: 0, validate: 0, store: 0, send: 0 };
  const output = partOutput(dependencies.objects, drop, { part: number, run });
  const tally = new Tally();
  const firstLine = start.line;
  const progress = partProgress(dependencies.drops, drop, number, start);
  const isBegun = !(await progress.begin());
  try {
    const end = await submitAll(dependencies, drop, batches, {
      isFull,
      isBegun,
      // An earlier run has read at most so many rows of the part.
      recountedRowsMax: start.isRange ? Number.POSITIVE_INFINITY : dependencies.streamPartRows,
      now,
      took,
      onOutcome: async (row, outcome) => {
        const line = row.line - firstLine + 1;
        tally.add(line, outcome);
        if ('body' in row) tally.addIgnored(line, ignoredFields(requestOf(row.body)));
        await output.add(line, row.offset, outcome);
      },
      onBatch: (offset) => progress.update(tally, offset, now()),
    });
    const { counts, ignored } = tally;
    const notListed = await output.close(tally.errors, ignored);
    const { offset: endOffset, isStopped = false, ...ended } = end;
    const problem = end.problem ?? notListed;
    const lines = end.next === undefined ? end.lines : end.next.line - firstLine;
    const has_ignored_fields = ignored.fields.length > 0 || undefined;
    const part: DropPart = { ...ended, problem, part: number, run, counts, has_ignored_fields, lines };
    const isFirst = await dependencies.drops.putPart(drop.id, part);
    await progress.end(tally, end.next?.offset ?? rangeEnd ?? endOffset, lines);
    const stored = isFirst ? part : (await dependencies.drops.part(drop.id, number))!;
    return { part: stored, isFirst, isStopped, took };
  } catch (error) {
    output.abort();
    throw error;
  }
}

/** `offset`: the offset of the last row that was read. `isStopped`: the drop was cancelled. */
type PartEnd = Pick<DropPart, 'next' | 'lines' | 'problem'> & { offset: number; isStopped?: boolean };
type PartRun = {
  isFull: (rows: number) => boolean;
  /** Whether an earlier run has begun the part. */
  isBegun: boolean;
  recountedRowsMax: number;
  now: () => number;
  took: Milliseconds;
  onOutcome: (row: DropRow, outcome: RowOutcome) => Promise<void>;
  onBatch: (offset: number) => Promise<void>;
};

async function submitAll(
  { imports, importQueue, timeZone, drops }: ReadDependencies,
  drop: Drop,
  batches: PartRows['batches'],
  { isFull, isBegun, recountedRowsMax, now, took, onOutcome, onBatch }: PartRun,
): Promise<PartEnd> {
  const submit = submitRows({ store: imports, queue: importQueue, drop, timeZone });
  const recount = recountRows(imports, drop, timeZone);
  const isCancelled = cancellation(drops, drop, now);
  let rows = 0;
  let offset = 0;
  let lines: number | undefined;
  for (;;) {
    const isStopped = await isCancelled();
    // No run but this one has submitted rows of the part.
    if (isStopped && !isBegun) return { offset, isStopped };
    const read = await timed(took, 'read', () => nextOf(batches));
    if ('problem' in read) return { ...read, offset, isStopped };
    if (read.done) return { lines, offset, isStopped };
    const batch = read.value;
    const outcomes = isStopped ? await recount(batch.rows, now()) : await submit(batch.rows, now(), took);
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome !== undefined) await onOutcome(batch.rows[index]!, outcome);
    }
    rows += batch.rows.length;
    offset = batch.next?.offset ?? batch.rows.at(-1)?.offset ?? offset;
    lines = batch.lines;
    // After the last batch the part's end is published.
    if (batch.next !== undefined) await onBatch(offset);
    if (isStopped && rows >= recountedRowsMax) return { offset, isStopped };
    if (!isStopped && batch.next !== undefined && isFull(rows)) return { next: batch.next, offset };
  }
}

/**
 * Returns a function that tells whether the drop was cancelled. It reads the drop for the first time after the part was marked as begun: a run
 * that does not see the cancellation is therefore seen by the runs that do.
 */
function cancellation(drops: DropStore, { id }: Drop, now: () => number): () => Promise<boolean> {
  let isCancelled = false;
  let checkedAt: number | undefined;
  return async () => {
    if (isCancelled) return true;
    if (checkedAt !== undefined && now() - checkedAt < CANCELLATION_CHECKED_MS) return false;
    checkedAt = now();
    isCancelled = (await drops.get(id))?.cancel_requested_at !== undefined;
    return isCancelled;
  };
}

/** Returns the next batch, or the problem if the file cannot be read. */
async function nextOf(
  batches: PartRows['batches'],
): Promise<IteratorResult<RowBatch> | { problem: DropProblem }> {
  try {
    return await batches.next();
  } catch (error) {
    if (error instanceof UnreadableDrop) return { problem: { code: error.code, detail: error.message } };
    if (!(error instanceof DropReplaced)) throw error;
    const detail = 'The file was replaced or deleted while it was read.';
    return { problem: { code: 'replaced', detail } };
  }
}
