import type { ImportStatus } from '../imports/import-process.ts';
import type { ImportStore } from '../imports/store.ts';
import { isFinal } from '../imports/transitions.ts';
import type { Drop, EndingCounts } from './drop.ts';
import { endDrop } from './end-drop.ts';
import type { ObjectStore } from './objects.ts';
import type { DropQueue, DropTask } from './queue.ts';
import type { DropStore } from './store.ts';
import { acceptedOf } from './work.ts';

export type FollowTask = Extract<DropTask, { task: 'follow' }>;

/**
 * How long is waited before a look at imports that had not ended: a second, then twice as long each time, up to a minute, by which the
 * report is late at most.
 */
const WAIT_SECONDS_FIRST = 1;
const WAIT_SECONDS_MAX = 60;

/** Statuses that are asked for at a time; of an import that had not ended at the last look, its own first. */
const STATUSES_AT_ONCE = 100;

const ENDING: Readonly<Record<ImportStatus, keyof EndingCounts>> = {
  PROCESSED: 'processed',
  ERRORED: 'errored',
  DRY_RUN_ERRORED: 'errored',
  DRY_RUN_SUCCEEDED: 'other',
  CANCELLED: 'other',
  PENDING: 'other',
  IN_PROGRESS: 'other',
};

/** Imports of the part that were seen to end, and that are still open; `ended`: the drop, where this was its last. */
export type FollowOutcome = { followed: number; open: number; ended?: Drop };

type Parts = { drops: DropStore; objects: ObjectStore; queue: DropQueue; imports: ImportStore };

/**
 * Sees how the imports ended that a part accepted. It goes through them in their order and waits at the first that has not ended, so
 * that each is asked for about once, however long that takes. When the last part's last import has ended, so has the drop, and
 * its summary says so.
 *
 * `now` is epoch ms. @throws what the clients throw.
 */
export function followPart({ drops, objects, queue, imports }: Parts) {
  const ended = async (id: string, now: number): Promise<{ ended?: Drop }> => {
    const drop = await endDrop({ drops, objects }, id, now);
    return drop === undefined ? {} : { ended: drop };
  };
  return async (task: FollowTask, now: number): Promise<FollowOutcome> => {
    const drop = (await drops.get(task.drop))!;
    if (drop.parts_followed?.has(task.part)) {
      return { followed: 0, open: 0, ...(await ended(drop.id, now)) };
    }
    const part = (await drops.part(task.drop, task.part))!;
    const identifiers = await acceptedOf(objects, drop, part);
    const endings = { ...task.endings };
    let from = task.from;
    while (from < identifiers.length) {
      const isAwaited = task.waits > 0 && from === task.from;
      const asked = identifiers.slice(from, from + (isAwaited ? 1 : STATUSES_AT_ONCE));
      const statuses = await imports.statuses(
        asked.map((externalIdentifier) => ({ importSupplier: drop.import_supplier, externalIdentifier })),
      );
      const open = statuses.findIndex((status) => status === undefined || !isFinal(status));
      const finals = open < 0 ? statuses : statuses.slice(0, open);
      for (const status of finals) endings[ENDING[status!]] += 1;
      from += finals.length;
      if (open >= 0) {
        const waits = from > task.from ? 0 : task.waits + 1;
        const seconds = Math.min(WAIT_SECONDS_FIRST * 2 ** waits, WAIT_SECONDS_MAX);
        await queue.send(drop.import_supplier, [{ ...task, from, endings, waits }], seconds);
        return { followed: from, open: identifiers.length - from };
      }
    }
    await drops.countEndings(drop.id, task.part, endings, now);
    return { followed: from, open: 0, ...(await ended(drop.id, now)) };
  };
}

/** The first look at a part's imports, soon after it was read. */
export const followTask = (drop: string, part: number): FollowTask => ({
  task: 'follow',
  drop,
  part,
  from: 0,
  endings: { processed: 0, errored: 0, other: 0 },
  waits: 0,
});
