import type { Drop, DropPart } from './drop.ts';
import { followTask } from './follow-part.ts';
import type { DropQueue } from './queue.ts';
import type { DropStore } from './store.ts';

/** Delay between reading a part and the first check of its imports. */
const FOLLOW_DELAY_SECONDS = 1;

/**
 * Finishes a part that was read: enqueues the task that follows its imports, counts the part, and enqueues the report after the last
 * part. Idempotent: the run after a failed one repeats all steps. `now` is epoch ms.
 */
export function finishPart({ drops, queue }: { drops: DropStore; queue: DropQueue }) {
  return async (drop: Drop, part: DropPart, now: number): Promise<void> => {
    const isCounted = drop.parts_done?.has(part.part) ?? false;
    // Enqueued before the part is counted, because a failure in between must not leave a counted part that nobody follows.
    if (!isCounted) {
      await queue.send(drop.import_supplier, [followTask(drop.id, part.part)], FOLLOW_DELAY_SECONDS);
    }
    // The number of a stream's parts is known only at its end.
    const isLastOfStream = drop.range_bytes === undefined && part.next === undefined;
    const counted = await drops.countPart(drop.id, part, isLastOfStream ? part.part + 1 : undefined, now);
    if (counted.state === 'READING' && counted.parts_done?.size === counted.parts_total) {
      await queue.send(drop.import_supplier, [{ task: 'report', drop: drop.id }]);
    }
  };
}
