import { ignoredFields } from '../contract/ignored-fields.ts';
import type { ImportQueue } from '../imports/queue.ts';
import type { ImportStore } from '../imports/store.ts';
import type { Drop, DropPart, DropProblem } from './drop.ts';
import { DropReplaced, type ObjectStore } from './objects.ts';
import type { DropQueue } from './queue.ts';
import type { RowBatch } from './rows/batches.ts';
import { type DropRow, requestOf, UnreadableDrop } from './rows/row.ts';
import type { DropStore } from './store.ts';
import { type Milliseconds, submitRows, timed } from './submit-rows.ts';
import { type RowOutcome, Tally } from './tally.ts';
import { keepWork } from './work.ts';

/** A run's circumstances: `run` is an identifier that no other run has, `remainingMs` how long it may still take; `now` answers epoch ms. */
export type ReadRun = { now: () => number; run: string; remainingMs: () => number };

export type ReadParts = {
  drops: DropStore;
  objects: ObjectStore;
  queue: DropQueue;
  imports: ImportStore;
  importQueue: ImportQueue;
  /** Where times without an offset are local; an IANA name. */
  timeZone: string;
  /** Rows after which a part of a stream ends. */
  streamPartRows: number;
};

/** A part's rows, and the number that its first line has in them. */
export type PartRows = { batches: AsyncGenerator<RowBatch>; firstLine: number };

/**
 * Submits rows until the part is full or there are no more, and records what became of them. `isOurs`: false where another run of the
 * part was first; then its result is answered.
 *
 * What cannot be read at all ends the part and is said in it: what was read before it counts.
 */
export async function readInto(
  parts: ReadParts,
  drop: Drop,
  number: number,
  { batches, firstLine }: PartRows,
  { run, now }: ReadRun,
  isFull: (rows: number) => boolean,
): Promise<{ part: DropPart; isOurs: boolean; took: Milliseconds }> {
  const took = { read: 0, validate: 0, store: 0, send: 0 };
  const work = keepWork(parts.objects, drop, { part: number, run });
  const tally = new Tally();
  try {
    const ending = await submitAll(parts, drop, batches, { isFull, now, took }, async (row, outcome) => {
      const line = row.line - firstLine + 1;
      tally.add(line, outcome);
      if ('body' in row) tally.addIgnored(line, ignoredFields(requestOf(row.body)));
      await work.add(line, row.offset, outcome);
    });
    const { counts, ignored } = tally;
    const notListed = await work.close(tally.errors, ignored);
    const problem = ending.problem ?? notListed;
    const lines = ending.next === undefined ? ending.lines : ending.next.line - firstLine;
    const has_ignored_fields = ignored.fields.length > 0 || undefined;
    const part: DropPart = { ...ending, problem, part: number, run, counts, has_ignored_fields, lines };
    const isOurs = await parts.drops.putPart(drop.id, part);
    return { part: isOurs ? part : (await parts.drops.part(drop.id, number))!, isOurs, took };
  } catch (error) {
    work.abort();
    throw error;
  }
}

type Ending = Pick<DropPart, 'next' | 'lines' | 'problem'>;

async function submitAll(
  { imports, importQueue, timeZone }: ReadParts,
  drop: Drop,
  batches: PartRows['batches'],
  { isFull, now, took }: { isFull: (rows: number) => boolean; now: () => number; took: Milliseconds },
  tell: (row: DropRow, outcome: RowOutcome) => Promise<void>,
): Promise<Ending> {
  const submit = submitRows({ store: imports, queue: importQueue, drop, timeZone });
  let rows = 0;
  let lines: number | undefined;
  for (;;) {
    const read = await timed(took, 'read', () => nextOf(batches));
    if ('problem' in read) return read;
    if (read.done) return { lines };
    const batch = read.value;
    const outcomes = await submit(batch.rows, now(), took);
    for (const [index, outcome] of outcomes.entries()) await tell(batch.rows[index]!, outcome);
    rows += batch.rows.length;
    lines = batch.lines;
    if (batch.next !== undefined && isFull(rows)) return { next: batch.next };
  }
}

/** The next batch; or why there is none, where the file is at fault. */
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
