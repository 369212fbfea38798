import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { unlessLost } from '../aws/conditional-write.ts';
import { Drop, DropPart, type DropProblem, type DropState, type EndingCounts } from './drop.ts';

/** The sort key of the drop itself; its parts' are `part#<number>`. */
const DROP = 'drop';
const partKey = (part: number): string => `part#${String(part).padStart(6, '0')}`;

export type DropStore = ReturnType<typeof dropStore>;

/** The `drops` table: a drop, and an item for each part that was read. Losing a condition is an answer, never an exception. */
export function dropStore(client: DynamoDBDocumentClient, table: string) {
  const dropKey = (id: string) => ({ TableName: table, Key: { id, item: DROP } });
  const get = async (id: string): Promise<Drop | undefined> => {
    const { Item } = await client.send(new GetCommand({ ...dropKey(id), ConsistentRead: true }));
    return Item === undefined ? undefined : v.parse(Drop, Item);
  };

  return {
    /** Strongly consistent. */
    get,

    /** False: the drop is there already. */
    create(drop: Drop): Promise<boolean> {
      return unlessLost(
        client.send(
          new PutCommand({
            TableName: table,
            Item: { item: DROP, ...drop },
            ConditionExpression: 'attribute_not_exists(id)',
          }),
        ),
      );
    },

    /** The part as it was read, by whichever run. Strongly consistent. */
    async part(id: string, part: number): Promise<DropPart | undefined> {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: { id, item: partKey(part) }, ConsistentRead: true }),
      );
      return Item === undefined ? undefined : v.parse(DropPart, Item);
    },

    /** Keeps what a run read of a part. False: another run was first, and its result counts. */
    putPart(id: string, part: DropPart): Promise<boolean> {
      return unlessLost(
        client.send(
          new PutCommand({
            TableName: table,
            Item: { id, item: partKey(part.part), ...part },
            ConditionExpression: 'attribute_not_exists(id)',
          }),
        ),
      );
    },

    /** All parts that were read, in their order. */
    async parts(id: string): Promise<DropPart[]> {
      const items: unknown[] = [];
      let from: Record<string, unknown> | undefined;
      do {
        const page = await client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: 'id = :id AND begins_with(#item, :part)',
            ExpressionAttributeNames: { '#item': 'item' },
            ExpressionAttributeValues: { ':id': id, ':part': 'part#' },
            ConsistentRead: true,
            ExclusiveStartKey: from,
          }),
        );
        items.push(...(page.Items ?? []));
        from = page.LastEvaluatedKey;
      } while (from !== undefined);
      return v.parse(v.array(DropPart), items);
    },

    /** Adds a part to the drop's counts, once; answers the drop as it then is. */
    async countPart(id: string, part: DropPart, partsTotal: number | undefined, now: number): Promise<Drop> {
      await addOnce(client, dropKey(id), 'parts_done', part.part, part.counts, {
        modified_at: now,
        ...(partsTotal === undefined ? {} : { parts_total: partsTotal }),
        ...(part.problem === undefined ? {} : { problem: part.problem }),
      });
      return (await get(id))!;
    },

    /** Adds how a part's imports ended, once. False: they are counted already. */
    countEndings(id: string, part: number, endings: EndingCounts, now: number): Promise<boolean> {
      return addOnce(client, dropKey(id), 'parts_followed', part, endings, { modified_at: now });
    },

    /** Moves a drop on from one of these states. False: it was in another. */
    move(
      id: string,
      from: readonly DropState[],
      to: DropState,
      now: number,
      change: { problem?: DropProblem; read_at?: number; ended_at?: number } = {},
    ): Promise<boolean> {
      const set = Object.keys(change).map((name) => `${name} = :${name}`);
      const values = Object.fromEntries(Object.entries(change).map(([name, value]) => [`:${name}`, value]));
      const froms = Object.fromEntries(from.map((state, index) => [`:from${index}`, state]));
      return unlessLost(
        client.send(
          new UpdateCommand({
            ...dropKey(id),
            ConditionExpression: `#state IN (${Object.keys(froms).join(', ')})`,
            UpdateExpression: `SET ${['#state = :to', 'modified_at = :now', ...set].join(', ')}`,
            ExpressionAttributeNames: { '#state': 'state' },
            ExpressionAttributeValues: { ':to': to, ':now': now, ...froms, ...values },
          }),
        ),
      );
    },
  };
}

/** Adds numbers to a drop with a part's number as the proof that it was done: twice is once. */
async function addOnce(
  client: DynamoDBDocumentClient,
  key: { TableName: string; Key: Record<string, string> },
  done: 'parts_done' | 'parts_followed',
  part: number,
  numbers: Record<string, number>,
  set: Record<string, unknown>,
): Promise<boolean> {
  const all = { ...numbers, ...set };
  const names = Object.fromEntries(Object.keys(all).map((name) => [`#${name}`, name]));
  const values = Object.fromEntries(Object.entries(all).map(([name, value]) => [`:${name}`, value]));
  const setting = Object.keys(set).map((name) => `#${name} = :${name}`);
  const adding = Object.keys(numbers).map((name) => `#${name} :${name}`);
  return unlessLost(
    client.send(
      new UpdateCommand({
        ...key,
        ConditionExpression: `attribute_not_exists(${done}) OR NOT contains(${done}, :part)`,
        UpdateExpression: `SET ${setting.join(', ')} ADD ${[`${done} :parts`, ...adding].join(', ')}`,
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: { ':part': part, ':parts': new Set([part]), ...values },
      }),
    ),
  );
}
