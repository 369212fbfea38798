import { reportDrop } from './conclude-part.ts';
import { followPart } from './follow-part.ts';
import type { DropTask } from './queue.ts';
import { type ReadParts, type ReadRun, readPart } from './read-part.ts';

/** Does a task of a drop, whichever it is; what it answers is for the log. Throws as the tasks do. */
export function doDropTask(parts: ReadParts) {
  const read = readPart(parts);
  const report = reportDrop(parts);
  const follow = followPart(parts);
  return async (task: DropTask, run: ReadRun): Promise<object> => {
    switch (task.task) {
      case 'range':
      case 'stream':
        return read(task, run);
      case 'report':
        return { state: (await report(task.drop, run.now()))?.state };
      case 'follow':
        return follow(task, run.now());
    }
  };
}
