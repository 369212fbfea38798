import type { Drop, DropPart, DropState } from './drop.ts';
import { followTask } from './follow-part.ts';
import type { ObjectStore } from './objects.ts';
import type { DropQueue } from './queue.ts';
import { writeReport, writeSummary } from './report.ts';
import type { DropStore } from './store.ts';

/** How long after a part was read its imports are looked at first. */
const FOLLOW_DELAY_SECONDS = 1;

type Parts = { drops: DropStore; objects: ObjectStore; queue: DropQueue };

/**
 * What follows when a part was read: it is counted, its imports are followed, and after the last part the report is written.
 * Each step may run twice, so that whoever comes after a run that died does them again.
 */
export function concludePart({ drops, queue }: Pick<Parts, 'drops' | 'queue'>) {
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

/** Writes the report of a drop all of whose parts were read; twice writes the same. */
export function reportDrop({ drops, objects }: Pick<Parts, 'drops' | 'objects'>) {
  return async (id: string, now: number): Promise<{ ended?: Drop }> => {
    const drop = await drops.get(id);
    if (drop?.state === 'READING') {
      const read = { ...drop, state: 'IMPORTING' as const, read_at: now };
      await writeReport(objects, drops, read);
      await drops.move(id, ['READING'], 'IMPORTING', now, { read_at: now });
    }
    const ended = await endDrop({ drops, objects }, id, now);
    return ended === undefined ? {} : { ended };
  };
}

/**
 * Ends a drop all of whose imports have ended; the summary first, so that dying in between only writes it again. Whoever counts
 * the last part's endings and whoever writes the report both try: one of them sees both done. Answers the drop to whom ended it.
 */
export async function endDrop(
  { drops, objects }: Pick<Parts, 'drops' | 'objects'>,
  id: string,
  now: number,
): Promise<Drop | undefined> {
  const drop = await drops.get(id);
  if (drop?.state !== 'IMPORTING' || drop.parts_followed?.size !== drop.parts_total) return undefined;
  const state: DropState = drop.problem === undefined ? 'ENDED' : 'FAILED';
  const ended: Drop = { ...drop, state, ended_at: now };
  await writeSummary(objects, ended);
  return (await drops.move(drop.id, ['IMPORTING'], state, now, { ended_at: now })) ? ended : undefined;
}
