import { ignoredFields } from '../../contract/ignored-fields.ts';
import type { ImportQueue } from '../../imports/storage/queue.ts';
import type { ImportStore } from '../../imports/storage/store.ts';
import type { Drop, DropPart, DropProblem } from '../drop.ts';
import type { RowBatch } from '../formats/batches.ts';
import { type DropRow, requestOf, UnreadableDrop } from '../formats/row.ts';
import { DropReplaced, type ObjectStore } from '../objects.ts';
import type { DropQueue } from '../queue.ts';
import { partOutput } from '../reporting/part-output.ts';
import { type RowOutcome, Tally } from '../reporting/tally.ts';
import type { DropStore } from '../store.ts';
import { type Milliseconds, submitRows, timed } from './submit-rows.ts';

/** The context of a run. `run` is unique per run; `remainingMs` returns the milliseconds until the time-out; `now` returns epoch ms. */
export type TaskRun = { now: () => number; run: string; remainingMs: () => number };

export type TaskDependencies = {
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

/** A part's rows, and the line number of its first line. */
export type PartRows = { batches: AsyncGenerator<RowBatch>; firstLine: number };

/**
 * Submits rows until the part is full or the file ends, and stores the part's result. `isFirst` is false if another run stored the part
 * first; then `part` is that run's result.
 *
 * A part that cannot be read to its end has a `problem`. The rows before the problem count.
 */
export async function submitPart(
  dependencies: TaskDependencies,
  drop: Drop,
  number: number,
  { batches, firstLine }: PartRows,
  { run, now }: TaskRun,
  isFull: (rows: number) => boolean,
): Promise<{ part: DropPart; isFirst: boolean; took: Milliseconds }> {
  const took = { read: 0, validate: 0, store: 0, send: 0 };
  const output = partOutput(dependencies.objects, drop, { part: number, run });
  const tally = new Tally();
  try {
    const end = await submitAll(dependencies, drop, batches, { isFull, now, took }, async (row, outcome) => {
      const line = row.line - firstLine + 1;
      tally.add(line, outcome);
      if ('body' in row) tally.addIgnored(line, ignoredFields(requestOf(row.body)));
      await output.add(line, row.offset, outcome);
    });
    const { counts, ignored } = tally;
    const notListed = await output.close(tally.errors, ignored);
    const problem = end.problem ?? notListed;
    const lines = end.next === undefined ? end.lines : end.next.line - firstLine;
    const has_ignored_fields = ignored.fields.length > 0 || undefined;
    const part: DropPart = { ...end, problem, part: number, run, counts, has_ignored_fields, lines };
    const isFirst = await dependencies.drops.putPart(drop.id, part);
    return { part: isFirst ? part : (await dependencies.drops.part(drop.id, number))!, isFirst, took };
  } catch (error) {
    output.abort();
    throw error;
  }
}

type PartEnd = Pick<DropPart, 'next' | 'lines' | 'problem'>;

async function submitAll(
  { imports, importQueue, timeZone }: TaskDependencies,
  drop: Drop,
  batches: PartRows['batches'],
  { isFull, now, took }: { isFull: (rows: number) => boolean; now: () => number; took: Milliseconds },
  onOutcome: (row: DropRow, outcome: RowOutcome) => Promise<void>,
): Promise<PartEnd> {
  const submit = submitRows({ store: imports, queue: importQueue, drop, timeZone });
  let rows = 0;
  let lines: number | undefined;
  for (;;) {
    const read = await timed(took, 'read', () => nextOf(batches));
    if ('problem' in read) return read;
    if (read.done) return { lines };
    const batch = read.value;
    const outcomes = await submit(batch.rows, now(), took);
    for (const [index, outcome] of outcomes.entries()) await onOutcome(batch.rows[index]!, outcome);
    rows += batch.rows.length;
    lines = batch.lines;
    if (batch.next !== undefined && isFull(rows)) return { next: batch.next };
  }
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
