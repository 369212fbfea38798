import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { isConditionMet } from '../../aws/conditional-write.ts';
import { dueShard } from '../model/due.ts';
import { ImportProcess, importKey } from '../model/import-process.ts';
import { classOfEnd, listedTime, listingOf } from '../model/listing.ts';
import { isFinal } from '../model/transitions.ts';
import { batchGet } from './batch-get.ts';
import type { Due, Unfinished } from './import-index.ts';

/** Attributes of a record that the sweeper reads. */
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
 * Maximum lag of an index behind its table. DynamoDB's lag is a fraction of a second (source: DynamoDB developer guide, "Global
 * secondary indexes", data synchronization). An entry that is older than this is not updated without a new write.
 */
const INDEX_LAG_MS_MAX = 10 * 60_000;

/** State of an index entry, compared with its record. */
export type EntryState =
  /** The record is unfinished and has this position. */
  | 'open'
  /**
   * The record has another position or does not exist. The index will be updated, or {@link sweptRecords} cannot remove the
   * entry.
   */
  | 'outdated'
  /** The record has had another position for so long that the index will not be updated without a new write. */
  | 'orphaned'
  /** The record has this position although it is finished. */
  | 'misplaced';

/** Compares an index entry with its record. `now` is epoch ms. */
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
 * Reads the records of the sweeper's index entries, and removes entries that contradict their records. Leaves a record's
 * revision unchanged, so concurrent conditional writes succeed.
 */
export function sweptRecords(client: DynamoDBDocumentClient, table: string) {
  const update = (id: string, expressions: Expressions): Promise<boolean> =>
    isConditionMet(client.send(new UpdateCommand({ TableName: table, Key: { id }, ...expressions })));

  return {
    /** Returns the records of at most 100 entries by their ids (strongly consistent). */
    async of(ids: readonly string[]): Promise<ReadonlyMap<string, SweptRecord>> {
      if (ids.length === 0) return new Map();
      const attributes = Object.keys(SweptRecord.entries);
      const items = await batchGet(client, table, [...new Set(ids)], { attributes, consistent: true });
      return new Map(v.parse(v.array(SweptRecord), items).map((record) => [record.id, record]));
    },

    /** Moves a finished record to the class of its status. Returns false if it changed since it was read. */
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
     * Removes an orphaned index entry: the record takes the entry's position and then its own again, and the index follows both
     * writes. DynamoDB never needs this. The local emulator does, because a kill can leave its table and index inconsistent. An
     * interruption between the writes leaves the record {@link classifyEntry misplaced} or due again, and the next sweep
     * repairs it.
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
