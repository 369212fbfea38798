import type { DeferredTasks } from './deferred-tasks.ts';
import type { DropQueue, DropTask } from './queue.ts';

/**
 * Maximum length of a chain of tasks in the queue, each sent by its predecessor. Lambda stops a chain after about 16 invocations of a
 * function (source: Lambda guide, "Recursive loop detection"). The margin is for tasks that the dead-letter function sends.
 */
export const HOPS_MAX = 10;

/** The context of a run: the task's position in its chain, the run's unique id, and the clock (epoch ms). */
type ChainedRun = { hops: number; run: string; now: () => number };

/**
 * The queue for the tasks that a task sends. They continue its chain. At the maximum length they are deferred instead, and a sweep sends
 * them in a new chain. Delays grow with the position, and a chain with delays therefore lasts about 45 seconds.
 */
export function chainedQueue(
  { queue, deferred }: { queue: DropQueue; deferred: DeferredTasks },
  { hops, run, now }: ChainedRun,
): Pick<DropQueue, 'send'> {
  return {
    async send(importSupplier: string, tasks: readonly DropTask[], delaySeconds = 0): Promise<void> {
      const seconds = delaySeconds === 0 ? 0 : Math.max(delaySeconds, hops);
      if (hops < HOPS_MAX) return queue.send(importSupplier, tasks, seconds, hops + 1);
      const dueAt = now() + seconds * 1000;
      for (const task of tasks) await deferred.put(importSupplier, task, dueAt, run);
    },
  };
}
