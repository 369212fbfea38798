import type { DeferredTasks } from './deferred-tasks.ts';
import type { DropQueue } from './queue.ts';

/** Maximum number of tasks per sweep. */
const SENT_MAX = 1000;
/** Number of tasks sent and removed at a time. */
const AT_ONCE_MAX = 50;

/**
 * Sends the deferred tasks that are due at `now` (epoch ms). Each begins a new chain. Delivery is at least once, because a task is removed
 * after it was sent. All tasks are idempotent.
 *
 * @throws the clients' errors. The next sweep sends the remaining tasks.
 */
export function sendDueTasks({ deferred, queue }: { deferred: DeferredTasks; queue: DropQueue }) {
  return async (now: number): Promise<{ tasks: number }> => {
    const due = await deferred.due(now, SENT_MAX);
    for (let from = 0; from < due.length; from += AT_ONCE_MAX) {
      const tasks = due.slice(from, from + AT_ONCE_MAX);
      await Promise.all(
        [...Map.groupBy(tasks, ({ import_supplier }) => import_supplier)].map(([supplier, ofSupplier]) =>
          queue.send(
            supplier,
            ofSupplier.map(({ task }) => task),
          ),
        ),
      );
      await Promise.all(tasks.map(deferred.remove));
    }
    return { tasks: due.length };
  };
}
