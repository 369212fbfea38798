import { DeleteCommand, type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { isConditionMet } from '../aws/conditional-write.ts';
import { DropTask } from './queue.ts';

/** Sparse index of the deferred tasks, sorted by due time. */
export const DUE_TASKS_INDEX = 'due-tasks';
/**
 * The index has one partition. It takes 1,000 writes per second (source: DynamoDB guide, "Partitions and data distribution"). That is
 * enough: a drop has at most a thousand parts, and each is deferred about once a minute at most.
 */
const DUE = 'due';

/** A task to send at `due_at` (epoch ms). `deferred_by` is the run that deferred it. */
const DeferredTask = v.object({
  id: v.string(),
  item: v.string(),
  import_supplier: v.string(),
  task: DropTask,
  due_at: v.number(),
  deferred_by: v.string(),
});
export type DeferredTask = v.InferOutput<typeof DeferredTask>;

export type DeferredTasks = ReturnType<typeof deferredTasks>;

/** Delayed tasks in the `drops` table. They are not delayed in the queue, because Lambda would detect a recursive loop and stop it. */
export function deferredTasks(client: DynamoDBDocumentClient, table: string) {
  return {
    /** Defers a task until `dueAt` (epoch ms). Replaces the deferred task of the same drop, kind and part. `run` is unique per run. */
    async put(importSupplier: string, task: DropTask, dueAt: number, run: string): Promise<void> {
      const item: DeferredTask = {
        id: task.drop,
        item: `due#${task.task}#${'part' in task ? String(task.part).padStart(6, '0') : ''}`,
        import_supplier: importSupplier,
        task,
        due_at: dueAt,
        deferred_by: run,
      };
      await client.send(new PutCommand({ TableName: table, Item: { ...item, due: DUE } }));
    },

    /** Returns at most `limit` tasks that are due at `now` (epoch ms), oldest first. Eventually consistent. */
    async due(now: number, limit: number): Promise<DeferredTask[]> {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: DUE_TASKS_INDEX,
          KeyConditionExpression: 'due = :due AND due_at <= :now',
          ExpressionAttributeValues: { ':due': DUE, ':now': now },
          Limit: limit,
        }),
      );
      return v.parse(v.array(DeferredTask), Items);
    },

    /** Removes a task that was sent, unless another run has deferred it again since. */
    async remove({ id, item, deferred_by }: DeferredTask): Promise<void> {
      await isConditionMet(
        client.send(
          new DeleteCommand({
            TableName: table,
            Key: { id, item },
            ConditionExpression: 'deferred_by = :run',
            ExpressionAttributeValues: { ':run': deferred_by },
          }),
        ),
      );
    },
  };
}
