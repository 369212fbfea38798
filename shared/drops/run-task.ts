import type { Drop } from './drop.ts';
import { reportDrop } from './finish-drop.ts';
import { followPart } from './follow-part.ts';
import type { DropTask } from './queue.ts';
import { type Counted, readPart } from './reading/read-part.ts';
import type { TaskDependencies, TaskRun } from './reading/submit-part.ts';
import { type CorrectedOutcome, writeCorrectedFile } from './reporting/corrected-file.ts';

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
        return read(task, run);
      case 'report':
        return report(task.drop, run.now());
      case 'correct':
        return { corrected: await correct(task.drop, run.now(), run.remainingMs) };
      case 'follow':
        return follow(task, { run: run.run, now: run.now() });
    }
  };
}
