import type { FinalStatus } from '../imports/model/history.ts';
import { isFinal } from '../imports/model/transitions.ts';
import { BATCH_GET_ITEMS_MAX } from '../imports/storage/batch-get.ts';
import type { ImportState, ImportStore } from '../imports/storage/store.ts';
import { type CancelImport, cancelPending } from './cancel-pending.ts';
import {
  COUNTED_AS,
  type Drop,
  type DropPart,
  ERASED,
  type FinalStateCounts,
  type FollowedPart,
  noFinalStates,
} from './drop.ts';
import { finishDrop } from './finish-drop.ts';
import type { ObjectStore } from './objects.ts';
import type { DropQueue, DropTask } from './queue.ts';
import {
  type AcceptedRow,
  type ErroredOutcome,
  erroredOutput,
  readAccepted,
} from './reporting/part-output.ts';
import type { DropStore } from './store.ts';

export type FollowTask = Extract<DropTask, { task: 'follow' }>;

/**
 * Delay before imports that are still open are checked again. It doubles each time. The maximum is also the longest delay of a report
 * after the last import has finished.
 */
const WAIT_SECONDS_FIRST = 1;
const WAIT_SECONDS_MAX = 60;

/** Statuses read per request. An import that was open at the last check is read alone first. */
const STATUSES_AT_ONCE = BATCH_GET_ITEMS_MAX;

/**
 * Numbers of the part's imports with a final status, and of the open ones. `ended`: the drop, if this task finished it. `cancelled`: the
 * supplier and number of imports that this task cancelled.
 */
export type FollowOutcome = {
  followed: number;
  open: number;
  ended?: Drop;
  cancelled?: { supplier: string; count: number };
};

/** The context of a run: `run` is unique per run; `now` is epoch ms. */
export type FollowRun = { run: string; now: number };

type Dependencies = {
  drops: DropStore;
  objects: ObjectStore;
  queue: DropQueue;
  imports: ImportStore;
  cancelImport: CancelImport;
};

/**
 * Follows the imports that a part accepted until all have a final status. Checks them in order and stops at the first that is open;
 * a later task continues there. Once all are final, one run reads them all again, counts them and lists the errored ones. The counts
 * and the list come from the same run, because an operator may retry imports in the meantime. Each import is therefore read about
 * twice, or once if all are final at the first check. The last part to finish also finishes the drop and its report.
 *
 * In a cancelled drop, the part's PENDING imports are cancelled first.
 *
 * @throws the clients' errors.
 */
export function followPart(dependencies: Dependencies) {
  const { drops, objects, queue } = dependencies;
  const finish = async (id: string, followed: FollowedPart, now: number): Promise<FollowOutcome> => {
    await drops.countFinalStates(id, followed, now);
    const drop = await finishDrop(dependencies, id, now);
    const count = Object.values(followed.endings).reduce((sum, one) => sum + one, 0);
    return { followed: count, open: 0, ...(drop && { ended: drop }) };
  };

  return async (task: FollowTask, { run, now }: FollowRun): Promise<FollowOutcome> => {
    const drop = (await drops.get(task.drop))!;
    if (drop.parts_followed?.has(task.part)) {
      const ended = await finishDrop(dependencies, drop.id, now);
      return { followed: 0, open: 0, ...(ended && { ended }) };
    }
    const known = await drops.followedPart(drop.id, task.part);
    if (known !== undefined) return finish(drop.id, known, now);

    const part = (await drops.part(task.drop, task.part))!;
    const accepted = await readAccepted(objects, drop, part);
    const count =
      drop.cancel_requested_at === undefined
        ? 0
        : await cancelPending(dependencies, drop, accepted.slice(task.from), now);
    const cancelled = count > 0 ? { cancelled: { supplier: drop.import_supplier, count } } : {};
    const open = task.from > 0 ? await firstOpen(dependencies, drop, accepted, task) : undefined;
    const counted = open ?? (await countFinalStates(dependencies, drop, part, accepted, task, run));
    if (typeof counted === 'number') {
      const waits = counted > task.from ? 0 : task.waits + 1;
      const seconds = Math.min(WAIT_SECONDS_FIRST * 2 ** waits, WAIT_SECONDS_MAX);
      await queue.send(drop.import_supplier, [{ ...task, from: counted, waits }], seconds);
      return { followed: counted, open: accepted.length - counted, ...cancelled };
    }
    const isFirst = await drops.putFollowedPart(drop.id, counted);
    const followed = isFirst ? counted : (await drops.followedPart(drop.id, task.part))!;
    return { ...(await finish(drop.id, followed, now)), ...cancelled };
  };
}

type Stores = Pick<Dependencies, 'imports' | 'objects'>;

/** Returns the index of the first open import, starting at the task's index; undefined if there is none. */
async function firstOpen(
  { imports }: Stores,
  drop: Drop,
  accepted: readonly AcceptedRow[],
  { from, waits }: FollowTask,
): Promise<number | undefined> {
  let at = from;
  for await (const { ended, isOpen } of finishedImports(imports, drop, accepted, from, waits > 0)) {
    at += ended.length;
    if (isOpen) return at;
  }
  return undefined;
}

/** Counts a part's imports by final state and stores the errored ones for the report. Returns the index of the first open import instead, if any. */
async function countFinalStates(
  { imports, objects }: Stores,
  drop: Drop,
  { part }: DropPart,
  accepted: readonly AcceptedRow[],
  { from, waits }: FollowTask,
  run: string,
): Promise<FollowedPart | number> {
  const errored = erroredOutput(objects, drop, { part, run });
  const endings = noFinalStates();
  let at = 0;
  try {
    const isAwaited = from === 0 && waits > 0;
    for await (const { ended, isOpen } of finishedImports(imports, drop, accepted, 0, isAwaited)) {
      for (const { status, latest_error } of ended) {
        const outcome = COUNTED_AS[status];
        endings[outcome] += 1;
        if (isErrored(outcome)) await errored.add(accepted[at]!, outcome, latest_error);
        at += 1;
      }
      if (isOpen) {
        errored.abort();
        return at;
      }
    }
    return { part, endings, ...((await errored.close()) && { run }) };
  } catch (error) {
    errored.abort();
    throw error;
  }
}

const isErrored = (outcome: keyof FinalStateCounts): outcome is ErroredOutcome =>
  outcome === 'errored' || outcome === 'dry_run_errored';

type FinishedImport = Pick<ImportState, 'latest_error'> & { status: FinalStatus | typeof ERASED };

/** Yields batches of finished imports from an index up to the first open one. `isAwaited`: the first is probably still open, and is read alone. */
async function* finishedImports(
  imports: ImportStore,
  { import_supplier: importSupplier }: Drop,
  accepted: readonly AcceptedRow[],
  from: number,
  isAwaited: boolean,
): AsyncGenerator<{ ended: FinishedImport[]; isOpen: boolean }> {
  let at = from;
  while (at < accepted.length) {
    const most = isAwaited && at === from ? 1 : STATUSES_AT_ONCE;
    const keys = accepted
      .slice(at, at + most)
      .map(({ identifier }) => ({ importSupplier, externalIdentifier: identifier }));
    const ended: FinishedImport[] = [];
    for (const [index, stated] of (await imports.statuses(keys)).entries()) {
      // The batch read is eventually consistent. A missing record is read again before it counts as erased.
      const found = stated ?? (await imports.get(keys[index]!)) ?? { status: ERASED };
      if (!isFinished(found)) break;
      ended.push(found);
    }
    const isOpen = ended.length < keys.length;
    yield { ended, isOpen };
    if (isOpen) return;
    at += keys.length;
  }
}

const isFinished = (stated: ImportState | FinishedImport): stated is FinishedImport =>
  stated.status === ERASED || isFinal(stated.status);

/** The task for the first check of a part's imports. */
export const followTask = (drop: string, part: number): FollowTask => ({
  task: 'follow',
  drop,
  part,
  from: 0,
  waits: 0,
});
