import type { Drop } from './drop.ts';
import { reportDrop } from './end-drop.ts';
import { followPart } from './follow-part.ts';
import type { DropTask } from './queue.ts';
import type { ReadParts, ReadRun } from './read-into.ts';
import { type Counted, readPart } from './read-part.ts';

/** What a task did, for the log; `counted`: rows that were read, `ended`: the drop, where the task was its last. */
export type TaskOutcome = { counted?: Counted; ended?: Drop };

/** Does a task of a drop, whichever it is. Throws as the tasks do. */
export function doDropTask(parts: ReadParts) {
  const read = readPart(parts);
  const report = reportDrop(parts);
  const follow = followPart(parts);
  return async (task: DropTask, run: ReadRun): Promise<TaskOutcome> => {
    switch (task.task) {
      case 'range':
      case 'stream':
        return read(task, run);
      case 'report':
        return report(task.drop, run.now());
      case 'follow':
        return follow(task, { run: run.run, now: run.now() });
    }
  };
}
