import type { DeferredTasks } from './deferred-tasks.ts';
import type { DropQueue, DropTask } from './queue.ts';

/**
 * How many tasks in a row may be sent by the queue, each by the task before it. Lambda stops a chain after about 16 invocations of a
 * function (source: Lambda guide, "Recursive loop detection"). The dead-letter function's own tasks may follow the last one.
 */
export const HOPS_MAX = 10;

/** The run of a task: its place in its chain, an identifier that no other run has, and the time (epoch ms). */
type ChainedRun = { hops: number; run: string; now: () => number };

/**
 * The queue for what a task sends: its tasks are the next in its chain. Those at the end of a chain are deferred instead, until a sweep
 * sends them in a new one. The further a chain is, the longer are its delays, so that it lasts about three quarters of a minute.
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
