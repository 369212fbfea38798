import type { Drop, DropState } from './drop.ts';
import type { ObjectStore } from './objects.ts';
import type { DropQueue } from './queue.ts';
import { writeReport, writeSummary } from './reporting/report.ts';
import type { DropStore } from './store.ts';

type Dependencies = { drops: DropStore; objects: ObjectStore; queue: DropQueue };

/** Writes the report of a drop after all its parts were read. Idempotent. `now` is epoch ms. */
export function reportDrop(dependencies: Dependencies) {
  const { drops, objects, queue } = dependencies;
  return async (id: string, now: number): Promise<{ ended?: Drop }> => {
    const drop = await drops.get(id);
    if (drop?.state === 'READING') {
      const read = { ...drop, state: 'IMPORTING' as const, read_at: now };
      await writeReport(objects, drops, read);
      if (drop.invalid + drop.duplicate + drop.in_progress > 0)
        await queue.send(drop.import_supplier, [correctTask(id)]);
      const isMoved = await drops.move(id, ['READING'], 'IMPORTING', now, { read_at: now });
      // Another run was first, and the drop may have ended since. Then this run has overwritten the final report with an older one.
      const ended = isMoved ? undefined : await drops.get(id);
      if (ended?.ended_at !== undefined) await writeReport(objects, drops, ended);
    }
    const ended = await finishDrop(dependencies, id, now);
    return ended === undefined ? {} : { ended };
  };
}

/**
 * Finishes a drop if all its imports have a final status. Writes the report before the state, because a run that fails in between is
 * repeated. Called after the report is written and after each part's final states are counted, because either may be last.
 *
 * @param now epoch ms
 * @returns the drop, if this call finished it
 */
export async function finishDrop(
  { drops, objects, queue }: Dependencies,
  id: string,
  now: number,
): Promise<Drop | undefined> {
  const drop = await drops.get(id);
  if (drop?.state !== 'IMPORTING' || drop.parts_followed?.size !== drop.parts_total) return undefined;
  const state = finalStateOf(drop);
  const ended: Drop = { ...drop, state, ended_at: now };
  if (drop.errored + drop.dry_run_errored > 0) {
    await writeReport(objects, drops, ended);
    await queue.send(drop.import_supplier, [correctTask(id)]);
  } else await writeSummary(objects, ended);
  return (await drops.move(drop.id, ['IMPORTING'], state, now, { ended_at: now })) ? ended : undefined;
}

const correctTask = (drop: string) => ({ task: 'correct' as const, drop });

function finalStateOf({ cancel_requested_at, problem }: Drop): DropState {
  if (cancel_requested_at !== undefined) return 'CANCELLED';
  return problem === undefined ? 'ENDED' : 'FAILED';
}
