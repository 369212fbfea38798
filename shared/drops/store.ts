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

  return {
    /** Strongly consistent. */
    async get(id: string): Promise<Drop | undefined> {
      const { Item } = await client.send(new GetCommand({ ...dropKey(id), ConsistentRead: true }));
      return Item === undefined ? undefined : v.parse(Drop, Item);
    },

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
      const { counts } = part;
      await addOnce(client, dropKey(id), 'parts_done', part.part, counts, now, partsTotal);
      return v.parse(
        Drop,
        (await client.send(new GetCommand({ ...dropKey(id), ConsistentRead: true }))).Item,
      );
    },

    /** Adds how a part's imports ended, once; answers the drop as it then is. */
    async countEndings(id: string, part: number, endings: EndingCounts, now: number): Promise<Drop> {
      await addOnce(client, dropKey(id), 'parts_followed', part, endings, now);
      return v.parse(
        Drop,
        (await client.send(new GetCommand({ ...dropKey(id), ConsistentRead: true }))).Item,
      );
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
  now: number,
  partsTotal?: number,
): Promise<boolean> {
  const names = Object.fromEntries(Object.keys(numbers).map((name) => [`#${name}`, name]));
  const added = Object.keys(numbers).map((name) => `#${name} :${name}`);
  const values = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [`:${name}`, value]));
  const set = ['modified_at = :now', ...(partsTotal === undefined ? [] : ['parts_total = :parts_total'])];
  return unlessLost(
    client.send(
      new UpdateCommand({
        ...key,
        ConditionExpression: `attribute_not_exists(${done}) OR NOT contains(${done}, :part)`,
        UpdateExpression: `SET ${set.join(', ')} ADD ${[`${done} :parts`, ...added].join(', ')}`,
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: {
          ':part': part,
          ':parts': new Set([part]),
          ':now': now,
          ...values,
          ...(partsTotal === undefined ? {} : { ':parts_total': partsTotal }),
        },
      }),
    ),
  );
}
