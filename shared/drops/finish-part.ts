import type { Drop, DropPart } from './drop.ts';
import { followTask } from './follow-part.ts';
import type { DropQueue } from './queue.ts';
import type { DropStore } from './store.ts';

/** How long after a part was read its imports are looked at first. */
const FOLLOW_DELAY_SECONDS = 1;

/**
 * What follows when a part was read: it is counted, its imports are followed, and after the last part the report is written.
 * Each step may run twice, so that whoever comes after a run that died does them again.
 */
export function finishPart({ drops, queue }: { drops: DropStore; queue: DropQueue }) {
  return async (drop: Drop, part: DropPart, now: number): Promise<void> => {
    const isCounted = drop.parts_done?.has(part.part) ?? false;
    // Before it is counted: what is counted is followed, too.
    if (!isCounted) {
      await queue.send(drop.import_supplier, [followTask(drop.id, part.part)], FOLLOW_DELAY_SECONDS);
    }
    // Only the end of a stream tells how many parts it has.
    const isStreamsLast = drop.range_bytes === undefined && part.next === undefined;
    const counted = await drops.countPart(drop.id, part, isStreamsLast ? part.part + 1 : undefined, now);
    if (counted.state === 'READING' && counted.parts_done?.size === counted.parts_total) {
      await queue.send(drop.import_supplier, [{ task: 'report', drop: drop.id }]);
    }
  };
}
