import type { Drop, DropState } from './drop.ts';
import type { ObjectStore } from './objects.ts';
import { writeReport, writeSummary } from './report.ts';
import type { DropStore } from './store.ts';

type Dependencies = { drops: DropStore; objects: ObjectStore };

/** Writes the report of a drop all of whose parts were read; twice writes the same. */
export function reportDrop({ drops, objects }: Dependencies) {
  return async (id: string, now: number): Promise<{ ended?: Drop }> => {
    const drop = await drops.get(id);
    if (drop?.state === 'READING') {
      const read = { ...drop, state: 'IMPORTING' as const, read_at: now };
      await writeReport(objects, drops, read);
      const isMoved = await drops.move(id, ['READING'], 'IMPORTING', now, { read_at: now });
      // Another run was first, and the drop may have ended since: then what was just written is older than the final report.
      const ended = isMoved ? undefined : await drops.get(id);
      if (ended?.ended_at !== undefined) await writeReport(objects, drops, ended);
    }
    const ended = await finishDrop({ drops, objects }, id, now);
    return ended === undefined ? {} : { ended };
  };
}

/**
 * Ends a drop all of whose imports have ended; the report first, so that dying in between only writes it again. Whoever counts
 * the last part's endings and whoever writes the report both try: one of them sees both done. Answers the drop to whom ended it.
 */
export async function finishDrop(
  { drops, objects }: Dependencies,
  id: string,
  now: number,
): Promise<Drop | undefined> {
  const drop = await drops.get(id);
  if (drop?.state !== 'IMPORTING' || drop.parts_followed?.size !== drop.parts_total) return undefined;
  const state: DropState = drop.problem === undefined ? 'ENDED' : 'FAILED';
  const ended: Drop = { ...drop, state, ended_at: now };
  if (drop.errored + drop.dry_run_errored > 0) await writeReport(objects, drops, ended);
  else await writeSummary(objects, ended);
  return (await drops.move(drop.id, ['IMPORTING'], state, now, { ended_at: now })) ? ended : undefined;
}
