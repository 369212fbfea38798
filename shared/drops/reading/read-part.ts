import { type Drop, type DropPart, noRows, type RowCounts } from '../drop.ts';
import { finishPart } from '../finish-part.ts';
import { kindOf } from '../formats/drop-kind.ts';
import { openedAt, readRange } from '../formats/ndjson.ts';
import { readVerified } from '../formats/stream.ts';
import type { DropQueue, DropTask } from '../queue.ts';
import { type PartRows, type ReadDependencies, submitPart, type TaskRun } from './submit-part.ts';
import type { Milliseconds } from './submit-rows.ts';

type RangeTask = Extract<DropTask, { task: 'range' }>;
type StreamTask = Extract<DropTask, { task: 'stream' }>;

/** What a run read, and the time it took, for the log. */
export type ReadOutcome = {
  parts: number;
  rows: number;
  took?: Milliseconds;
  counted?: Counted;
  /** The part at which the run found its drop cancelled: its PENDING imports are to be cancelled. */
  stopped?: { drop: Drop; part: DropPart };
};

/** Outcomes of the rows of the parts that this run stored. */
export type Counted = { supplier: string; counts: RowCounts };

/** A run enqueues the rest of a stream when less than this share of its initial time remains. */
const HANDOVER_SHARE = 1 / 4;

/**
 * Reads the part of a task, submits its rows and stores the outcomes. If several runs read a part, the first result counts.
 *
 * @throws the clients' errors. The task must be redelivered; it is idempotent.
 */
export function readPart(dependencies: ReadDependencies) {
  const { drops } = dependencies;
  return async (task: RangeTask | StreamTask, run: TaskRun): Promise<ReadOutcome> => {
    const drop = await drops.get(task.drop);
    if (drop === undefined) return { parts: 0, rows: 0 };
    let at: RangeTask | StreamTask = task;
    // An earlier run may have stored parts and failed before it finished them. They are finished here, and a stream continues after them.
    for (;;) {
      const known = await drops.part(drop.id, at.part);
      if (known === undefined) break;
      await finishPart(dependencies)(drop, known, run.now());
      if (known.next === undefined) return { parts: 0, rows: 0 };
      at = { task: 'stream', drop: drop.id, part: known.part + 1, ...known.next };
    }
    return at.task === 'range'
      ? readRangeOf(dependencies, drop, at, run)
      : readStreamOf(dependencies, drop, at, run);
  };
}

async function readRangeOf(
  dependencies: ReadDependencies,
  drop: Drop,
  { part: number, start, end }: RangeTask,
  run: TaskRun,
): Promise<ReadOutcome> {
  const range = { start, end };
  const bytes = dependencies.objects.from(drop, openedAt(range), end, drop.size_bytes);
  const rows: PartRows = {
    batches: readRange(bytes, range),
    start: { offset: start, line: 1, isRange: true },
    end,
  };
  const { part, isFirst, isStopped, took } = await submitPart(
    dependencies,
    drop,
    number,
    rows,
    run,
    () => false,
  );
  await finishPart(dependencies)(drop, part, run.now());
  const counted = { supplier: drop.import_supplier, counts: isFirst ? part.counts : noRows() };
  return { parts: 1, rows: part.counts.rows, took, counted, ...(isStopped && { stopped: { drop, part } }) };
}

/** Reads a stream part by part, and enqueues the rest before the run times out. */
async function readStreamOf(
  dependencies: ReadDependencies,
  drop: Drop,
  task: StreamTask,
  run: TaskRun,
): Promise<ReadOutcome> {
  const handoverBelowMs = run.remainingMs() * HANDOVER_SHARE;
  const isLate = (): boolean => run.remainingMs() < handoverBelowMs;
  const isFull = (rows: number): boolean => rows >= dependencies.streamPartRows || isLate();
  const batches = readVerified(kindOf(drop.key)!, () => dependencies.objects.whole(drop), task, {
    ignoresUnknownColumns: drop.ignores_unknown_columns,
  });
  const outcome = {
    parts: 0,
    rows: 0,
    took: { read: 0, validate: 0, store: 0, send: 0 },
    counted: { supplier: drop.import_supplier, counts: noRows() },
  };
  try {
    let start = { offset: task.offset, line: task.line };
    for (let number = task.part; ; number += 1) {
      const { part, isFirst, isStopped, took } = await submitPart(
        dependencies,
        drop,
        number,
        { batches, start: { ...start, isRange: false } },
        run,
        isFull,
      );
      await finishPart(dependencies)(drop, part, run.now());
      outcome.parts += 1;
      outcome.rows += part.counts.rows;
      addTo(outcome.took, took);
      if (isFirst) addTo(outcome.counted.counts, part.counts);
      if (isStopped) return { ...outcome, stopped: { drop, part } };
      if (part.next === undefined) return outcome;
      // Another run's part may end at a different row. The next part must begin there.
      if (!isFirst || isLate()) {
        await enqueueNextPart(dependencies.queue, drop, part);
        return outcome;
      }
      start = part.next;
    }
  } finally {
    await batches.return(undefined);
  }
}

function addTo<Key extends string>(sums: Record<Key, number>, added: Record<Key, number>): void {
  for (const key of Object.keys(added) as Key[]) sums[key] += added[key];
}

/** Enqueues the task that reads the next part of a stream. */
async function enqueueNextPart(queue: DropQueue, drop: Drop, { part, next }: DropPart): Promise<void> {
  if (next === undefined) return;
  await queue.send(drop.import_supplier, [{ task: 'stream', drop: drop.id, part: part + 1, ...next }]);
}
