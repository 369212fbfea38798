import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { isConditionMet } from '../aws/conditional-write.ts';
import { expiry, type Lifetime } from '../aws/lifetime.ts';
import { queryAll } from '../aws/query-all.ts';
import { Drop, DropPart, type DropProblem, type DropState, FollowedPart, PartProgress } from './drop.ts';

/** Index of the drops by import supplier, newest first. Only keys: a drop's entry is written once. */
export const DROPS_INDEX = 'drops-by-supplier';
const DropEntries = v.array(v.object({ id: v.string(), listed_at: v.string() }));

/** Sort key of the drop's own item. Those of its parts are `part#<number>`, `followed#<number>` and `progress#<number>`. */
const DROP = 'drop';
const PART = 'part#';
const FOLLOWED = 'followed#';
const PROGRESS = 'progress#';
const numbered = (prefix: string, part: number): string => `${prefix}${String(part).padStart(6, '0')}`;

export type DropStore = ReturnType<typeof dropStore>;

/**
 * The `drops` table: an item per drop, and items for its parts. A failed condition is a return value, not an exception. Items expire,
 * because keys of files may contain personal data.
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

  /** Creates an item. Returns false if it exists. */
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

  /** Returns a drop's items whose sort key begins with `prefix`, sorted by key. Strongly consistent. */
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

    /** Returns false if the drop exists. */
    create(drop: Drop): Promise<boolean> {
      return putOnce(drop.id, DROP, { ...drop, ...listingOf(drop) });
    },

    /**
     * Returns a supplier's drops, newest first, after a position of an earlier page. `next` is the position of the following page; undefined
     * on the last one. The index is eventually consistent.
     */
    async list(
      importSupplier: string,
      { after, limit }: { after: string | undefined; limit: number },
    ): Promise<{ drops: Drop[]; next: string | undefined }> {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: DROPS_INDEX,
          KeyConditionExpression: `listing = :supplier${after === undefined ? '' : ' AND listed_at < :after'}`,
          ExpressionAttributeValues: {
            ':supplier': importSupplier,
            ...(after !== undefined && { ':after': after }),
          },
          ScanIndexForward: false,
          Limit: limit,
        }),
      );
      const entries = v.parse(DropEntries, Items);
      const drops = await Promise.all(entries.map(({ id }) => get(id)));
      return {
        drops: drops.filter((drop) => drop !== undefined),
        next: LastEvaluatedKey === undefined ? undefined : entries.at(-1)?.listed_at,
      };
    },

    /** Replaces a part's progress. */
    async putProgress(id: string, progress: PartProgress): Promise<void> {
      const Item = {
        id,
        item: numbered(PROGRESS, progress.part),
        ...progress,
        ...expiry(lifetime, lifetime.clock()),
      };
      await client.send(new PutCommand({ TableName: table, Item }));
    },

    /** Stores a part's first progress, before a row of it is submitted. Returns false if an earlier run has begun the part. */
    beginPart(id: string, progress: PartProgress): Promise<boolean> {
      return putOnce(id, numbered(PROGRESS, progress.part), progress);
    },

    /** Returns the progress of all parts that were begun, in order. */
    async progress(id: string): Promise<PartProgress[]> {
      return v.parse(v.array(PartProgress), await query(id, PROGRESS));
    },

    /** Records that a drop has a corrected file. `now` is epoch ms. */
    async recordCorrectedFile(id: string, now: number): Promise<void> {
      await client.send(
        new UpdateCommand({
          ...dropKey(id),
          UpdateExpression: 'SET corrected_at = :now',
          ExpressionAttributeValues: { ':now': now },
        }),
      );
    },

    /** Requests a drop's cancellation. Returns false if it is final, or was requested before. `now` is epoch ms. */
    requestCancellation(id: string, now: number): Promise<boolean> {
      return isConditionMet(
        client.send(
          new UpdateCommand({
            ...dropKey(id),
            ConditionExpression:
              '#state IN (:reading, :importing) AND attribute_not_exists(cancel_requested_at)',
            UpdateExpression: 'SET cancel_requested_at = :now, modified_at = :now',
            ExpressionAttributeNames: { '#state': 'state' },
            ExpressionAttributeValues: { ':reading': 'READING', ':importing': 'IMPORTING', ':now': now },
          }),
        ),
      );
    },

    /** Returns the stored result of a part; undefined if it was not read yet. Strongly consistent. */
    async part(id: string, part: number): Promise<DropPart | undefined> {
      return v.parse(v.optional(DropPart), await getItem(id, numbered(PART, part)));
    },

    /** Stores a part's result. Returns false if another run stored one first; that result counts. */
    putPart(id: string, part: DropPart): Promise<boolean> {
      return putOnce(id, numbered(PART, part.part), part);
    },

    /** Returns all parts that were read, in order. */
    async parts(id: string): Promise<DropPart[]> {
      return v.parse(v.array(DropPart), await query(id, PART));
    },

    /** Returns the final states of a part's imports; undefined while some are open. Strongly consistent. */
    async followedPart(id: string, part: number): Promise<FollowedPart | undefined> {
      return v.parse(v.optional(FollowedPart), await getItem(id, numbered(FOLLOWED, part)));
    },

    /** Stores the final states of a part's imports. Returns false if another run stored them first; those count. */
    putFollowedPart(id: string, followed: FollowedPart): Promise<boolean> {
      return putOnce(id, numbered(FOLLOWED, followed.part), followed);
    },

    /** Returns all parts whose imports have a final status, in order. */
    async followedParts(id: string): Promise<FollowedPart[]> {
      return v.parse(v.array(FollowedPart), await query(id, FOLLOWED));
    },

    /** Adds a part to the drop's counts and returns the updated drop. Idempotent. `now` is epoch ms. */
    async countPart(id: string, part: DropPart, partsTotal: number | undefined, now: number): Promise<Drop> {
      await addOnce(client, dropKey(id), 'parts_done', part.part, part.counts, {
        modified_at: now,
        ...(partsTotal === undefined ? {} : { parts_total: partsTotal }),
        ...(part.problem === undefined ? {} : { problem: part.problem }),
      });
      return (await get(id))!;
    },

    /** Adds the final states of a part's imports to the drop's counts. Returns false if they were counted before. `now` is epoch ms. */
    countFinalStates(id: string, { part, endings, problem }: FollowedPart, now: number): Promise<boolean> {
      return addOnce(client, dropKey(id), 'parts_followed', part, endings, {
        modified_at: now,
        ...(problem === undefined ? {} : { problem }),
      });
    },

    /** Changes a drop's state. Returns false if its current state is not in `from`. `now` is epoch ms. */
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

/** A drop's entry in {@link DROPS_INDEX}. DynamoDB rejects an empty key: drops without a supplier are not listed. */
const listingOf = ({ id, import_supplier, created_at }: Drop) =>
  import_supplier === ''
    ? {}
    : { listing: import_supplier, listed_at: `${String(created_at).padStart(13, '0')}#${id}` };

/** Adds numbers to a drop's item. Idempotent: guarded by the part number in the set `done`. */
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
