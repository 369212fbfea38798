import type { DeferredTasks } from './deferred-tasks.ts';
import type { DropQueue } from './queue.ts';

/** Tasks sent in one sweep: more wait for the next. */
const SENT_MAX = 1000;
/** Tasks sent, and then removed, at a time. */
const AT_ONCE_MAX = 50;

/**
 * Sends the deferred tasks that are due `now` (epoch ms), in a new chain. A task is removed after it was sent, so that it is sent at least
 * once; every task may run twice.
 *
 * @throws what the clients throw: what was not sent is sent by the next sweep.
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
