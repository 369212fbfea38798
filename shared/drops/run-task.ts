import { cancelPending } from './cancel-pending.ts';
import type { Drop } from './drop.ts';
import { reportDrop } from './finish-drop.ts';
import { followPart } from './follow-part.ts';
import type { DropTask } from './queue.ts';
import { type Counted, type ReadOutcome, readPart } from './reading/read-part.ts';
import type { TaskDependencies, TaskRun } from './reading/submit-part.ts';
import { type CorrectedOutcome, writeCorrectedFile } from './reporting/corrected-file.ts';
import { readAccepted } from './reporting/part-output.ts';

/** The result of a task, for the log. `counted`: the rows read. `ended`: the drop, if this task finished it. `cancelled`: the imports cancelled. */
export type TaskOutcome = {
  counted?: Counted;
  ended?: Drop;
  cancelled?: { supplier: string; count: number };
  corrected?: CorrectedOutcome;
};

/** Runs a task of a drop. @throws the errors of the task. */
export function runDropTask(dependencies: TaskDependencies) {
  const read = readPart(dependencies);
  const report = reportDrop(dependencies);
  const follow = followPart(dependencies);
  const correct = writeCorrectedFile(dependencies);
  return async (task: DropTask, run: TaskRun): Promise<TaskOutcome> => {
    switch (task.task) {
      case 'range':
      case 'stream':
        return cancelled(dependencies, await read(task, run), run.now());
      case 'report':
        return report(task.drop, run.now());
      case 'correct':
        return { corrected: await correct(task.drop, run.now(), run.remainingMs) };
      case 'follow':
        return follow(task, { run: run.run, now: run.now() });
    }
  };
}

/** Cancels the imports of a part at which a run found its drop cancelled, without waiting for the task that follows them. */
async function cancelled(
  dependencies: TaskDependencies,
  { stopped, ...outcome }: ReadOutcome,
  now: number,
): Promise<TaskOutcome> {
  if (stopped === undefined) return outcome;
  const { drop, part } = stopped;
  const accepted = await readAccepted(dependencies.objects, drop, part);
  const count = await cancelPending(dependencies, drop, accepted, now);
  return { ...outcome, ...(count > 0 && { cancelled: { supplier: drop.import_supplier, count } }) };
}
