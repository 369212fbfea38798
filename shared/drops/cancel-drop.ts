import { setTimeout as pause } from 'node:timers/promises';
import { type Drop, isDropFinal } from './drop.ts';
import { followTask } from './follow-part.ts';
import type { DropQueue } from './queue.ts';
import type { DropStore } from './store.ts';

/** How often the drop is read while its cancellation is awaited. */
const PAUSE_MS = 250;

/** `impossible`: the drop had reached a final state before somebody cancelled it. */
export type DropCancellation = { kind: 'cancelled' | 'impossible'; drop: Drop };

/**
 * Cancels a drop: readers stop, and the tasks that follow its parts cancel their PENDING imports. Idempotent. The tasks of parts that were
 * read are enqueued at once, because those in the queue may be delayed by a minute; without them the cancellation would only take longer.
 *
 * @param waitMs how long the drop's final state is awaited, in ms, so that the counts of a small drop are complete
 * @throws the clients' errors. The cancellation may have been requested; the call must be repeated.
 */
export function cancelDrop({ drops, queue }: { drops: DropStore; queue: DropQueue }) {
  return async (drop: Drop, now: number, waitMs: number): Promise<DropCancellation> => {
    let current = drop;
    if (!isDropFinal(drop) && drop.cancel_requested_at === undefined) {
      const isFirst = await drops.requestCancellation(drop.id, now);
      current = (await drops.get(drop.id)) ?? drop;
      if (isFirst) await queue.send(drop.import_supplier, unfollowedParts(current));
    }
    if (current.cancel_requested_at === undefined) return { kind: 'impossible', drop: current };
    const until = performance.now() + waitMs;
    while (!isDropFinal(current) && performance.now() + PAUSE_MS < until) {
      await pause(PAUSE_MS);
      current = (await drops.get(drop.id)) ?? current;
    }
    return { kind: 'cancelled', drop: current };
  };
}

const unfollowedParts = ({ id, parts_done = new Set(), parts_followed = new Set() }: Drop) =>
  [...parts_done].filter((part) => !parts_followed.has(part)).map((part) => followTask(id, part));
