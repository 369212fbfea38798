import * as v from 'valibot';
import { type Drop, type DropProblem, noFinalStates, noRows } from './drop.ts';
import { finishPart } from './finish-part.ts';
import { type FollowTask, followTask } from './follow-part.ts';
import { Notification, objectsOf } from './notification.ts';
import type { ObjectStore } from './objects.ts';
import { newDrop } from './plan-drop.ts';
import { type DropQueue, DropTask } from './queue.ts';
import { NO_FINDINGS, writeSummary } from './report.ts';
import type { DropStore } from './store.ts';

type Dependencies = { drops: DropStore; objects: ObjectStore; queue: DropQueue };

/** What the dead-letter queues hold: tasks of drops, and notifications of drops that were never planned. */
const DeadLetter = v.union([DropTask, Notification]);

/**
 * Ends what could not be done for a drop, however often it was tried: a part that nobody could read counts as read with nothing in
 * it, and the drop's report says so, so that the rest of it goes on to its end.
 *
 * Answers what was given up, for the log: drops' ids, and no file names, which may be personal.
 *
 * `now` is epoch ms. @throws SyntaxError, v.ValiError for a message that is none of ours.
 */
export function handleDeadLetter(dependencies: Dependencies) {
  return async (body: string, now: number): Promise<object> => {
    const letter = v.parse(DeadLetter, JSON.parse(body));
    if (!('task' in letter)) {
      const notPlanned: (string | undefined)[] = [];
      for (const { bucket, key } of objectsOf(letter)) {
        notPlanned.push(await failPlanning(dependencies, bucket, key, now));
      }
      return { notPlanned };
    }
    const drop = await dependencies.drops.get(letter.drop);
    if (drop === undefined) return { task: letter.task, drop: 'gone' };
    if (letter.task === 'range' || letter.task === 'stream') await failPart(dependencies, drop, letter, now);
    else if (letter.task === 'follow') await failFollowing(dependencies, drop, letter, now);
    else await fail(dependencies, drop, PROBLEMS.report, now);
    return letter;
  };
}

const PROBLEMS = {
  report: { code: 'report_not_written', detail: 'Its report could not be written.' },
  follow: {
    code: 'imports_not_followed',
    detail: 'How some of its imports ended could not be found out: they are counted as open.',
  },
  planning: { code: 'not_planned', detail: 'The drop could not be planned. Drop the file again.' },
} as const;

async function failPart(
  { drops, queue }: Pick<Dependencies, 'drops' | 'queue'>,
  drop: Drop,
  task: Extract<DropTask, { task: 'range' | 'stream' }>,
  now: number,
): Promise<void> {
  const place =
    task.task === 'range' ? `bytes ${task.start} to ${task.end}` : `what follows byte ${task.offset}`;
  const problem: DropProblem = {
    code: 'part_not_read',
    detail: `Of the file, ${place} could not be read. Rows in it may have been submitted. Drop the file again: nothing is imported twice.`,
  };
  const given = { part: task.part, counts: noRows(), problem };
  const isOurs = await drops.putPart(drop.id, given);
  const part = isOurs ? given : (await drops.part(drop.id, task.part))!;
  await finishPart({ drops, queue })(drop, part, now);
}

/**
 * The part's imports count as followed with no endings, and the drop goes on to its end, so that its report has the imports of the other parts
 * that errored. The task is sent once more, because readers write reports; where that ends here again, the drop fails as it is.
 */
async function failFollowing(
  { drops, objects, queue }: Dependencies,
  drop: Drop,
  task: FollowTask,
  now: number,
): Promise<void> {
  const isCounted = drop.parts_followed?.has(task.part) ?? false;
  if (isCounted && drop.parts_followed?.size !== drop.parts_total) return;
  if (task.given_up) return fail({ drops, objects }, drop, PROBLEMS.follow, now);
  // Lost where a run before knew how they ended, but died before it was counted.
  await drops.putFollowedPart(drop.id, {
    part: task.part,
    endings: noFinalStates(),
    problem: PROBLEMS.follow,
  });
  await queue.send(drop.import_supplier, [{ ...followTask(drop.id, task.part), given_up: true }]);
}

async function fail(
  { drops, objects }: Pick<Dependencies, 'drops' | 'objects'>,
  drop: Drop,
  problem: DropProblem,
  now: number,
): Promise<void> {
  if (drop.state === 'ENDED' || drop.state === 'REFUSED') return;
  const failed = { ...drop, state: 'FAILED' as const, problem, ended_at: now };
  await writeSummary(objects, failed, drop.read_at === undefined ? NO_FINDINGS : undefined);
  await drops.move(drop.id, ['READING', 'IMPORTING'], 'FAILED', now, { problem, ended_at: now });
}

async function failPlanning(
  { drops, objects }: Pick<Dependencies, 'drops' | 'objects'>,
  bucket: string,
  key: string,
  now: number,
): Promise<string | undefined> {
  const found = await objects.head(bucket, key);
  if (found === undefined) return undefined;
  const drop = newDrop(found.source, found.sizeBytes, 1, now);
  await drops.create(drop);
  await fail({ drops, objects }, drop, PROBLEMS.planning, now);
  return drop.id;
}
