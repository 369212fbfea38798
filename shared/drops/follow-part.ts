import type { ImportStatus } from '../imports/import-process.ts';
import type { ImportStore, StatedImport } from '../imports/store.ts';
import { isFinal } from '../imports/transitions.ts';
import { type Drop, type DropPart, type FinalStateCounts, type FollowedPart, noFinalStates } from './drop.ts';
import { finishDrop } from './finish-drop.ts';
import type { ObjectStore } from './objects.ts';
import { type AcceptedRow, type ErroredOutcome, erroredOutput, readAccepted } from './part-output.ts';
import type { DropQueue, DropTask } from './queue.ts';
import type { DropStore } from './store.ts';

export type FollowTask = Extract<DropTask, { task: 'follow' }>;

/**
 * How long is waited before a look at imports that had not ended: a second, then twice as long each time, up to a minute, by which the
 * report is late at most.
 */
const WAIT_SECONDS_FIRST = 1;
const WAIT_SECONDS_MAX = 60;

/** Statuses that are asked for at a time; of an import that had not ended at the last look, its own first. */
const STATUSES_AT_ONCE = 100;

type FinalStatus = Exclude<ImportStatus, 'PENDING' | 'IN_PROGRESS'>;

/** What stands for the status of an import whose record was deleted. */
const ERASED = 'ERASED';

const COUNTED_AS: Readonly<Record<FinalStatus | typeof ERASED, keyof FinalStateCounts>> = {
  PROCESSED: 'processed',
  ERRORED: 'errored',
  DRY_RUN_SUCCEEDED: 'dry_run_succeeded',
  DRY_RUN_ERRORED: 'dry_run_errored',
  CANCELLED: 'cancelled',
  [ERASED]: 'erased',
};

/** Imports of the part that were seen to end, and that are still open; `ended`: the drop, where this was its last. */
export type FollowOutcome = { followed: number; open: number; ended?: Drop };

/** A run's circumstances: `run` is an identifier that no other run has; `now` is epoch ms. */
export type FollowRun = { run: string; now: number };

type Dependencies = { drops: DropStore; objects: ObjectStore; queue: DropQueue; imports: ImportStore };

/**
 * Finds out how the imports ended that a part accepted. Goes through them in their order and waits at the first that has not ended.
 * Once all have ended, one run goes through them from the first to the last, counts them and lists those that errored, so that the
 * counts and the list agree even where an operator retries imports meanwhile. Each import is therefore read about twice, and once
 * where a part's imports have ended at the first look. When the last part's last import has ended, the drop ends, and its report is
 * completed.
 *
 * @throws what the clients throw.
 */
export function followPart(dependencies: Dependencies) {
  const { drops, objects, queue } = dependencies;
  const finish = async (id: string, followed: FollowedPart, now: number): Promise<FollowOutcome> => {
    await drops.countFinalStates(id, followed, now);
    const drop = await finishDrop({ drops, objects }, id, now);
    const count = Object.values(followed.endings).reduce((sum, one) => sum + one, 0);
    return { followed: count, open: 0, ...(drop && { ended: drop }) };
  };

  return async (task: FollowTask, { run, now }: FollowRun): Promise<FollowOutcome> => {
    const drop = (await drops.get(task.drop))!;
    if (drop.parts_followed?.has(task.part)) {
      const ended = await finishDrop({ drops, objects }, drop.id, now);
      return { followed: 0, open: 0, ...(ended && { ended }) };
    }
    const known = await drops.followedPart(drop.id, task.part);
    if (known !== undefined) return finish(drop.id, known, now);

    const part = (await drops.part(task.drop, task.part))!;
    const accepted = await readAccepted(objects, drop, part);
    const open = task.from > 0 ? await firstOpen(dependencies, drop, accepted, task) : undefined;
    const counted = open ?? (await countFinalStates(dependencies, drop, part, accepted, task, run));
    if (typeof counted === 'number') {
      const waits = counted > task.from ? 0 : task.waits + 1;
      const seconds = Math.min(WAIT_SECONDS_FIRST * 2 ** waits, WAIT_SECONDS_MAX);
      await queue.send(drop.import_supplier, [{ ...task, from: counted, waits }], seconds);
      return { followed: counted, open: accepted.length - counted };
    }
    const isOurs = await drops.putFollowedPart(drop.id, counted);
    return finish(drop.id, isOurs ? counted : (await drops.followedPart(drop.id, task.part))!, now);
  };
}

type Stores = Pick<Dependencies, 'imports' | 'objects'>;

/** The index of the first import from the task's on that has not ended; undefined: all have. */
async function firstOpen(
  { imports }: Stores,
  drop: Drop,
  accepted: readonly AcceptedRow[],
  { from, waits }: FollowTask,
): Promise<number | undefined> {
  let at = from;
  for await (const { ended, isOpen } of endedImports(imports, drop, accepted, from, waits > 0)) {
    at += ended.length;
    if (isOpen) return at;
  }
  return undefined;
}

/** How all imports of a part ended, with those that errored kept for the report; or the index of the first that has not ended. */
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
    for await (const { ended, isOpen } of endedImports(imports, drop, accepted, 0, isAwaited)) {
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

type EndedImport = Pick<StatedImport, 'latest_error'> & { status: FinalStatus | typeof ERASED };

/** The imports from an index on, batch by batch, to the first that has not ended. `isAwaited`: that one is likely the first, and asked for alone. */
async function* endedImports(
  imports: ImportStore,
  { import_supplier: importSupplier }: Drop,
  accepted: readonly AcceptedRow[],
  from: number,
  isAwaited: boolean,
): AsyncGenerator<{ ended: EndedImport[]; isOpen: boolean }> {
  let at = from;
  while (at < accepted.length) {
    const most = isAwaited && at === from ? 1 : STATUSES_AT_ONCE;
    const keys = accepted
      .slice(at, at + most)
      .map(({ identifier }) => ({ importSupplier, externalIdentifier: identifier }));
    const ended: EndedImport[] = [];
    for (const [index, stated] of (await imports.statuses(keys)).entries()) {
      // The statuses may miss what was just written, so a record that seems to be absent is asked for again.
      const found = stated ?? (await imports.get(keys[index]!)) ?? { status: ERASED };
      if (!hasEnded(found)) break;
      ended.push(found);
    }
    const isOpen = ended.length < keys.length;
    yield { ended, isOpen };
    if (isOpen) return;
    at += keys.length;
  }
}

const hasEnded = (stated: StatedImport | EndedImport): stated is EndedImport =>
  stated.status === ERASED || isFinal(stated.status);

/** The first look at a part's imports, soon after it was read. */
export const followTask = (drop: string, part: number): FollowTask => ({
  task: 'follow',
  drop,
  part,
  from: 0,
  waits: 0,
});
