import { createHash } from 'node:crypto';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import { dynamoDB, sqs } from '../../shared/aws/clients.ts';
import { deferredTasks } from '../../shared/drops/deferred-tasks.ts';
import { type DropTask, dropQueue } from '../../shared/drops/queue.ts';
import { chainedQueue, HOPS_MAX } from '../../shared/drops/task-chain.ts';
import { jsonService } from '../aws/json-service.ts';

describe('a task that another task sends', () => {
  const tasks: DropTask[] = [
    { task: 'report', drop: 'x' },
    { task: 'follow', drop: 'x', part: 12, from: 0, waits: 3 },
  ];
  const NOW = 1_700_000_000_000;

  /** Sends both tasks from a place in the chain. Returns the messages that SQS gets and the items that DynamoDB gets. */
  async function sent(hops: number, delaySeconds?: number) {
    await using service = await jsonService(({ Entries = [] }) => ({
      Failed: [],
      Successful: Entries.map(({ Id, MessageBody }: { Id: string; MessageBody: string }) => ({
        Id,
        MessageId: Id,
        MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
      })),
    }));
    const queue = dropQueue(sqs(), `${service.url}/0/queue`);
    const deferred = deferredTasks(dynamoDB(), 'drops');
    await chainedQueue({ queue, deferred }, { hops, run: 'run', now: () => NOW }).send(
      'A',
      tasks,
      delaySeconds,
    );
    const entries = service.inputs.flatMap(({ Entries = [] }) => Entries);
    const items = service.inputs.flatMap(({ Item }) => (Item === undefined ? [] : [unmarshall(Item)]));
    return {
      messages: entries.map(({ MessageBody, DelaySeconds }) => ({
        ...JSON.parse(MessageBody),
        DelaySeconds,
      })),
      items,
    };
  }

  it.each([
    ['without a delay', 3, undefined, 0],
    ['with a delay', 3, 5, 5],
    ['with a delay that grows with the chain', 7, 5, 7],
    ['at the last place that may send', HOPS_MAX - 1, undefined, 0],
  ])('is queued %s', async (_, hops, delaySeconds, DelaySeconds) => {
    const messages = tasks.map((task) => ({ ...task, hops: hops + 1, DelaySeconds }));
    expect(await sent(hops, delaySeconds)).toEqual({ messages, items: [] });
  });

  it.each([
    ['at once', undefined, NOW],
    ['later', 20, NOW + 20_000],
  ])('is deferred at the end of the chain, to start a new one %s', async (_, delaySeconds, due_at) => {
    const item = { id: 'x', import_supplier: 'A', due: 'due', due_at, deferred_by: 'run' };
    expect(await sent(HOPS_MAX, delaySeconds)).toEqual({
      messages: [],
      items: [
        { ...item, item: 'due#report#', task: tasks[0] },
        { ...item, item: 'due#follow#000012', task: tasks[1] },
      ],
    });
  });
});
