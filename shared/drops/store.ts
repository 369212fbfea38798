import { type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { isConditionMet } from '../aws/conditional-write.ts';
import { expiry, type Lifetime } from '../aws/lifetime.ts';
import { queryAll } from '../aws/query-all.ts';
import { Drop, DropPart, type DropProblem, type DropState, FollowedPart } from './drop.ts';

/** The sort key of the drop itself; its parts' are `part#<number>` and `followed#<number>`. */
const DROP = 'drop';
const PART = 'part#';
const FOLLOWED = 'followed#';
const numbered = (prefix: string, part: number): string => `${prefix}${String(part).padStart(6, '0')}`;

export type DropStore = ReturnType<typeof dropStore>;

/**
 * The `drops` table: a drop, and an item for each part that was read. Losing a condition is an answer, never an exception. Items expire, as
 * keys of files may name people; nothing asks for a drop so late.
 */
export function dropStore(client: DynamoDBDocumentClient, table: string, lifetime: Lifetime) {
  const dropKey = (id: string) => ({ TableName: table, Key: { id, item: DROP } });
  const get = async (id: string): Promise<Drop | undefined> => {
    const { Item } = await client.send(new GetCommand({ ...dropKey(id), ConsistentRead: true }));
    return Item === undefined ? undefined : v.parse(Drop, Item);
  };

  const getItem = async (id: string, item: string): Promise<unknown> => {
    const command = new GetCommand({ TableName: table, Key: { id, item }, ConsistentRead: true });
    return (await client.send(command)).Item;
  };

  /** False: the item was there already. */
  const putOnce = (id: string, item: string, content: object): Promise<boolean> =>
    isConditionMet(
      client.send(
        new PutCommand({
          TableName: table,
          Item: { id, item, ...content, ...expiry(lifetime, lifetime.clock()) },
          ConditionExpression: 'attribute_not_exists(id)',
        }),
      ),
    );

  /** A drop's items whose sort key begins with `prefix`, in the order of their keys. Strongly consistent. */
  const query = (id: string, prefix: string): Promise<unknown[]> =>
    queryAll(client, {
      TableName: table,
      KeyConditionExpression: 'id = :id AND begins_with(#item, :prefix)',
      ExpressionAttributeNames: { '#item': 'item' },
      ExpressionAttributeValues: { ':id': id, ':prefix': prefix },
      ConsistentRead: true,
    });

  return {
    /** Strongly consistent. */
    get,

    /** False: the drop is there already. */
    create(drop: Drop): Promise<boolean> {
      return putOnce(drop.id, DROP, drop);
    },

    /** The part as it was read, by whichever run. Strongly consistent. */
    async part(id: string, part: number): Promise<DropPart | undefined> {
      return v.parse(v.optional(DropPart), await getItem(id, numbered(PART, part)));
    },

    /** Keeps what a run read of a part. False: another run was first, and its result counts. */
    putPart(id: string, part: DropPart): Promise<boolean> {
      return putOnce(id, numbered(PART, part.part), part);
    },

    /** All parts that were read, in their order. */
    async parts(id: string): Promise<DropPart[]> {
      return v.parse(v.array(DropPart), await query(id, PART));
    },

    /** How a part's imports ended; undefined while some are open. Strongly consistent. */
    async followedPart(id: string, part: number): Promise<FollowedPart | undefined> {
      return v.parse(v.optional(FollowedPart), await getItem(id, numbered(FOLLOWED, part)));
    },

    /** Keeps how a part's imports ended. False: another run was first, and its count is kept. */
    putFollowedPart(id: string, followed: FollowedPart): Promise<boolean> {
      return putOnce(id, numbered(FOLLOWED, followed.part), followed);
    },

    /** All parts whose imports have ended, in their order. */
    async followedParts(id: string): Promise<FollowedPart[]> {
      return v.parse(v.array(FollowedPart), await query(id, FOLLOWED));
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
    countFinalStates(id: string, { part, endings, problem }: FollowedPart, now: number): Promise<boolean> {
      return addOnce(client, dropKey(id), 'parts_followed', part, endings, {
        modified_at: now,
        ...(problem === undefined ? {} : { problem }),
      });
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
      return isConditionMet(
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
  return isConditionMet(
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
