import { DeleteCommand, type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { isConditionMet } from '../aws/conditional-write.ts';
import { DropTask } from './queue.ts';

/** The sparse index over deferred tasks, by when they are due. */
export const DUE_TASKS_INDEX = 'due-tasks';
/**
 * The index's one partition, which takes 1,000 writes a second (source: DynamoDB guide, "Partitions and data distribution"). A drop has at
 * most a thousand parts, each of which is deferred at most about once a minute.
 */
const DUE = 'due';

/** A task that is to be sent at `due_at` (epoch ms). `deferred_by` is the run that deferred it. */
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

/** Tasks in the `drops` table that wait there for their time, because a queue would make a recursive loop of them. */
export function deferredTasks(client: DynamoDBDocumentClient, table: string) {
  return {
    /** Defers a task until `dueAt` (epoch ms). A drop has one of each kind and part: `run`, which no other run has, replaces it. */
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

    /** At most `limit` of the tasks that are due `now` (epoch ms), those first that have been due longest. Eventually consistent. */
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

    /** Removes a task that was sent, unless another run has deferred it anew since then. */
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
