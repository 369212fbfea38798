import * as v from 'valibot';
import { type Drop, type DropProblem, isDropFinal, noFinalStates, noRows } from './drop.ts';
import { finishPart } from './finish-part.ts';
import { type FollowTask, followTask } from './follow-part.ts';
import { Notification, objectsOf } from './notification.ts';
import type { ObjectStore } from './objects.ts';
import { newDrop } from './plan-drop.ts';
import { type DropQueue, DropTask } from './queue.ts';
import { NO_FINDINGS, writeSummary } from './reporting/report.ts';
import type { DropStore } from './store.ts';

type Dependencies = { drops: DropStore; objects: ObjectStore; queue: DropQueue };

/** A message of the dead-message queues: a drop's task, or the notification of a drop that was not planned. */
const DeadLetter = v.union([DropTask, Notification]);

/**
 * Handles a message whose retries are used up. A part that could not be read is counted as read without rows, and the report names the
 * problem. The rest of the drop is processed as usual.
 *
 * `now` is epoch ms.
 *
 * @returns the failed task or drop ids for the log, without file names, which may be personal data.
 * @throws SyntaxError, v.ValiError for an unknown message.
 */
export function handleDeadLetter(dependencies: Dependencies) {
  return async (body: string, now: number): Promise<object> => {
    const message = v.parse(DeadLetter, JSON.parse(body));
    if (!('task' in message)) {
      const notPlanned: (string | undefined)[] = [];
      for (const { bucket, key } of objectsOf(message)) {
        notPlanned.push(await failPlanning(dependencies, bucket, key, now));
      }
      return { notPlanned };
    }
    const drop = await dependencies.drops.get(message.drop);
    if (drop === undefined) return { task: message.task, drop: 'gone' };
    if (message.task === 'range' || message.task === 'stream')
      await failPart(dependencies, drop, message, now);
    else if (message.task === 'follow') await failFollowing(dependencies, drop, message, now);
    // The drop itself is whole without a corrected file.
    else if (message.task !== 'correct') await fail(dependencies, drop, PROBLEMS.report, now);
    return message;
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
  const unread = { part: task.part, counts: noRows(), problem };
  const isFirst = await drops.putPart(drop.id, unread);
  const part = isFirst ? unread : (await drops.part(drop.id, task.part))!;
  await finishPart({ drops, queue })(drop, part, now);
}

/**
 * Counts the part's imports as followed, with no final states. The drop continues, because its report must list the errored imports of
 * the other parts. The task is sent once more, because the reader writes reports. If it fails again, the drop fails.
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
  // Has no effect if an earlier run stored the final states but failed before it counted them.
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
  if (isDropFinal(drop)) return;
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
  const unplanned = newDrop(found.source, found.sizeBytes, 1, now);
  const drop = (await drops.create(unplanned)) ? unplanned : (await drops.get(unplanned.id))!;
  // The planner may have stored the refusal without its report.
  if (drop.state === 'REFUSED') await writeSummary(objects, drop, NO_FINDINGS);
  // Notifications are delivered at least once. A drop in a later state was planned by another delivery.
  if (drop.state !== 'READING') return undefined;
  await fail({ drops, objects }, drop, PROBLEMS.planning, now);
  return drop.id;
}
