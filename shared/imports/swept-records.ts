import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { isConditionMet } from '../aws/conditional-write.ts';
import { batchGet } from './batch-get.ts';
import { dueShard } from './due.ts';
import type { Due, Unfinished } from './import-index.ts';
import { ImportProcess, importKey } from './import-process.ts';
import { classOfEnd, listedTime, listingOf } from './listing.ts';
import { isFinal } from './transitions.ts';

/** What the sweeper looks at in a record. */
export const SweptRecord = v.pick(ImportProcess, [
  'id',
  'status',
  'attempt',
  'lane',
  'modified_at',
  'latest_error',
  'listing',
  'listed_at',
  'due_at',
  'history',
]);
export type SweptRecord = v.InferOutput<typeof SweptRecord>;

/**
 * How long an index may lag behind its table. DynamoDB's is a fraction of a second behind (source: DynamoDB developer guide,
 * "Global secondary indexes", data synchronization); one that is still behind after this time does not follow by itself.
 */
const INDEX_LAG_MS_MAX = 10 * 60_000;

/** What an index entry is worth, by the record that it is of. */
export type EntryState =
  /** The record is to be worked on, and stands where the entry says. */
  | 'open'
  /** The record stands elsewhere, or is not there. The index follows by itself, or {@link sweptRecords} cannot help. */
  | 'outdated'
  /** The record has stood elsewhere for so long that the index will not follow by itself. */
  | 'orphaned'
  /** The record stands here although it has ended. */
  | 'misplaced';

/** Judges an entry by its record. `now` is epoch ms. */
export function classifyEntry(
  entry: Unfinished | Due,
  record: SweptRecord | undefined,
  now: number,
): EntryState {
  if (record === undefined) return 'outdated';
  const isHere =
    'due_at' in entry
      ? record.due_at === entry.due_at
      : record.listing === entry.listing && record.listed_at === entry.listed_at;
  if (isHere) return isFinal(record.status) ? 'misplaced' : 'open';
  return listedTime(record) < now - INDEX_LAG_MS_MAX ? 'orphaned' : 'outdated';
}

/**
 * The records behind what the sweeper finds in the indexes, and how an index entry is removed that its record contradicts.
 * Nothing here changes a record's revision: what others read stays what they read.
 */
export function sweptRecords(client: DynamoDBDocumentClient, table: string) {
  const update = (id: string, expressions: Expressions): Promise<boolean> =>
    isConditionMet(client.send(new UpdateCommand({ TableName: table, Key: { id }, ...expressions })));

  return {
    /** The records of these entries as they are now (strongly consistent), by their ids: at most 100. */
    async of(ids: readonly string[]): Promise<ReadonlyMap<string, SweptRecord>> {
      if (ids.length === 0) return new Map();
      const attributes = Object.keys(SweptRecord.entries);
      const items = await batchGet(client, table, [...new Set(ids)], { attributes, consistent: true });
      return new Map(v.parse(v.array(SweptRecord), items).map((record) => [record.id, record]));
    },

    /** Lists a record that ended where its end belongs. False: it changed since it was read. */
    async relist(record: SweptRecord): Promise<boolean> {
      const { id, status, latest_error, modified_at } = record;
      if (status === 'PENDING' || status === 'IN_PROGRESS') return false;
      const place = listingOf(classOfEnd(status, latest_error), importKey(id), modified_at);
      return update(id, {
        ConditionExpression: 'modified_at = :modified_at AND listing = :from',
        UpdateExpression: 'SET listing = :listing, listed_at = :listed_at REMOVE due_at, due_shard',
        ExpressionAttributeValues: {
          ':modified_at': modified_at,
          ':from': record.listing,
          ':listing': place.listing,
          ':listed_at': place.listed_at,
        },
      });
    },

    /**
     * Removes an entry that is left in an index after its record moved: the record takes that place and gives it up again, and the
     * index follows both writes. DynamoDB never needs this. The local emulator does, as a kill can leave its table and index apart.
     * Dying in between leaves the record {@link classifyEntry misplaced} or due again, which the next sweep mends.
     */
    async clear(entry: Unfinished | Due, record: SweptRecord): Promise<boolean> {
      const [there, back] = 'due_at' in entry ? dueMoves(entry, record) : listingMoves(entry, record);
      return (await update(entry.id, there)) && (await update(entry.id, back));
    },
  };
}

type Expressions = {
  ConditionExpression: string;
  UpdateExpression: string;
  ExpressionAttributeValues: Record<string, unknown>;
};

function listingMoves(entry: Unfinished, { listing, listed_at }: SweptRecord): [Expressions, Expressions] {
  const move = (from: Pick<SweptRecord, 'listing' | 'listed_at'>, to: typeof from): Expressions => ({
    ConditionExpression: 'listing = :from AND listed_at = :since',
    UpdateExpression: 'SET listing = :listing, listed_at = :listed_at',
    ExpressionAttributeValues: {
      ':from': from.listing,
      ':since': from.listed_at,
      ':listing': to.listing,
      ':listed_at': to.listed_at,
    },
  });
  const own = { listing, listed_at };
  return [move(own, entry), move(entry, own)];
}

function dueMoves({ id, due_at }: Due, record: SweptRecord): [Expressions, Expressions] {
  const place = { ':due_at': due_at, ':due_shard': dueShard(importKey(id)) };
  const isDue = record.due_at !== undefined;
  const own = isDue ? { ':own': record.due_at } : {};
  return [
    {
      ConditionExpression: isDue ? 'due_at = :own' : 'attribute_exists(id) AND attribute_not_exists(due_at)',
      UpdateExpression: 'SET due_at = :due_at, due_shard = :due_shard',
      ExpressionAttributeValues: { ...place, ...own },
    },
    {
      ConditionExpression: 'due_at = :due_at',
      UpdateExpression: isDue ? 'SET due_at = :own' : 'REMOVE due_at, due_shard',
      ExpressionAttributeValues: { ':due_at': due_at, ...own },
    },
  ];
}
