import { type DynamoDBDocumentClient, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { isConditionMet } from '../../aws/conditional-write.ts';
import { isExpired, type Lifetime } from '../../aws/lifetime.ts';
import { type HistoryEntry, ImportProcess, importKey, Lane } from '../model/import-process.ts';
import { type ListingClass, listingOf, positionsUntil } from '../model/listing.ts';
import { batchGet } from './batch-get.ts';
import { APPEND_EVENTS } from './store.ts';

/** The index of all imports, by supplier, class and shard (listing.ts). */
export const LISTING_INDEX = 'listing';
/** The sparse index of imports that wait for their start: by supplier and shard (due.ts), earliest start first. */
export const DUE_INDEX = 'due';
/**
 * Attributes in the indexes besides keys: those that the sweeper needs for a message. Status and times are not among them,
 * because claims would then cost index writes.
 */
export const INDEXED_ATTRIBUTES = ['attempt', 'lane'];

const Listed = v.object({ id: v.string(), listing: v.string(), listed_at: v.string() });
/** An import's entry in a list. The index is eventually consistent: {@link ImportIndex.records} has the current attributes. */
export type Listed = v.InferOutput<typeof Listed>;

const message = { attempt: v.number(), lane: v.optional(Lane, 'endpoint') };
const Unfinished = v.object({ ...Listed.entries, ...message });
/** An import that may be processed, and the time of its submission or last message. */
export type Unfinished = v.InferOutput<typeof Unfinished>;

const Due = v.object({ id: v.string(), due_at: v.number(), ...message });
/** A waiting import, and its start (epoch ms). */
export type Due = v.InferOutput<typeof Due>;

/** A page of an index: its entries, and the key after which the next page starts; undefined on the last page. */
export type IndexPage<Entry> = { entries: Entry[]; next: IndexKey | undefined };
/** An `ExclusiveStartKey` of DynamoDB. */
export type IndexKey = Record<string, unknown>;
type PageOptions = { from?: IndexKey | undefined; limit: number };

/** Attributes of an import in a list. */
export const ListedRecord = v.pick(ImportProcess, [
  'id',
  'status',
  'kraken_identifier',
  'created_at',
  'modified_at',
  'latest_error',
  'listing',
  'listed_at',
  'expires_at_seconds',
]);
export type ListedRecord = v.InferOutput<typeof ListedRecord>;

export type ImportIndex = ReturnType<typeof importIndex>;

/** The indexes of the `import-processes` table, which are eventually consistent, and the sweeper's writes to them. */
export function importIndex(client: DynamoDBDocumentClient, table: string, lifetime: Lifetime) {
  return {
    /**
     * Returns at most `limit` imports of a partition, latest change first, optionally only those after a position, and whether
     * there are more.
     */
    async listed(
      partition: string,
      { after, limit }: { after: string | undefined; limit: number },
    ): Promise<{ entries: Listed[]; more: boolean }> {
      const query = new QueryCommand({
        TableName: table,
        IndexName: LISTING_INDEX,
        KeyConditionExpression: `listing = :partition${after === undefined ? '' : ' AND listed_at < :after'}`,
        ExpressionAttributeValues: {
          ':partition': partition,
          ...(after !== undefined && { ':after': after }),
        },
        ScanIndexForward: false,
        Limit: limit,
      });
      const { Items, LastEvaluatedKey } = await client.send(query);
      return { entries: v.parse(v.array(Listed), Items ?? []), more: LastEvaluatedKey !== undefined };
    },

    /**
     * Counts the entries of a partition with positions after `after` and before `until`, in one page: at most 1 MB of the index.
     * `upTo` is the page's last position, after which the next page starts; undefined on the last page.
     */
    async count(
      partition: string,
      { after, until }: { after: string | undefined; until: string | undefined },
    ): Promise<{ entries: number; upTo: string | undefined }> {
      const query = new QueryCommand({
        TableName: table,
        IndexName: LISTING_INDEX,
        Select: 'COUNT',
        // One condition for each key: BETWEEN includes both ends, and and positions are longer than `until`, which is only a time.
        KeyConditionExpression: 'listing = :partition AND listed_at BETWEEN :after AND :until',
        ExpressionAttributeValues: {
          ':partition': partition,
          // The smallest text that is greater than `after`.
          ':after': after === undefined || after === '' ? ' ' : `${after}\u0000`,
          ':until': until ?? '~',
        },
      });
      const { Count = 0, LastEvaluatedKey } = await client.send(query);
      return { entries: Count, upTo: LastEvaluatedKey?.['listed_at'] as string | undefined };
    },

    /** Returns a page of the positions in a partition after a position: those in at most 1 MB of the index. */
    async positions(partition: string, after: string): Promise<{ positions: string[]; more: boolean }> {
      const query = new QueryCommand({
        TableName: table,
        IndexName: LISTING_INDEX,
        ProjectionExpression: 'listed_at',
        KeyConditionExpression: 'listing = :partition AND listed_at > :after',
        ExpressionAttributeValues: { ':partition': partition, ':after': after },
      });
      const { Items = [], LastEvaluatedKey } = await client.send(query);
      const positions = v.parse(v.array(v.object({ listed_at: v.string() })), Items);
      // A page without a filter is never empty while there is more.
      return { positions: positions.map(({ listed_at }) => listed_at), more: LastEvaluatedKey !== undefined };
    },

    /** Returns imports of a partition whose position is from `until` (epoch ms) or earlier, earliest first. */
    async unfinished(
      partition: string,
      until: number,
      { from, limit }: PageOptions,
    ): Promise<IndexPage<Unfinished>> {
      const query = new QueryCommand({
        TableName: table,
        IndexName: LISTING_INDEX,
        KeyConditionExpression: 'listing = :partition AND listed_at < :until',
        ExpressionAttributeValues: { ':partition': partition, ':until': positionsUntil(until) },
        Limit: limit,
        ExclusiveStartKey: from,
      });
      const { Items, LastEvaluatedKey } = await client.send(query);
      return { entries: v.parse(v.array(Unfinished), Items ?? []), next: LastEvaluatedKey };
    },

    /** Returns imports of a `due` partition that may start by this time (epoch ms), earliest first. */
    async due(shard: string, by: number, { from, limit }: PageOptions): Promise<IndexPage<Due>> {
      const query = new QueryCommand({
        TableName: table,
        IndexName: DUE_INDEX,
        KeyConditionExpression: 'due_shard = :shard AND due_at <= :by',
        ExpressionAttributeValues: { ':shard': shard, ':by': by },
        Limit: limit,
        ExclusiveStartKey: from,
      });
      const { Items, LastEvaluatedKey } = await client.send(query);
      return { entries: v.parse(v.array(Due), Items ?? []), next: LastEvaluatedKey };
    },

    /** Returns the records of at most 100 entries (strongly consistent), in no particular order, without expired ones. */
    async records(ids: readonly string[]): Promise<ListedRecord[]> {
      const attributes = Object.keys(ListedRecord.entries);
      const items = await batchGet(client, table, ids, { attributes, consistent: true });
      return v.parse(v.array(ListedRecord), items).filter((record) => !isExpired(lifetime, record));
    },

    /**
     * Records that the sweeper sent an import `now` (epoch ms) and moves it to this class. `isAddedToHistory`: also adds a
     * history entry. Returns false if the import was finished, submitted again, or moved by a concurrent sweep.
     */
    sent(
      entry: Unfinished | Due,
      { listingClass, isAddedToHistory }: { listingClass: ListingClass; isAddedToHistory: boolean },
      now: number,
    ): Promise<boolean> {
      const { listing, listed_at } = listingOf(listingClass, importKey(entry.id), now);
      const isWaiting = 'due_at' in entry;
      const event: HistoryEntry = { t: now, e: isWaiting ? 'w' : 'a', a: entry.attempt };
      const update = new UpdateCommand({
        TableName: table,
        Key: { id: entry.id },
        ConditionExpression: isWaiting ? 'due_at = :due_at' : 'listing = :from AND listed_at = :since',
        UpdateExpression: `SET listing = :listing, listed_at = :listed_at${isAddedToHistory ? `, ${APPEND_EVENTS}` : ''}
          REMOVE due_at, due_shard ADD revision :one`,
        ExpressionAttributeValues: {
          ...(isWaiting
            ? { ':due_at': entry.due_at }
            : { ':from': entry.listing, ':since': entry.listed_at }),
          ':listing': listing,
          ':listed_at': listed_at,
          ...(isAddedToHistory && { ':events': [event] }),
          ':one': 1,
        },
      });
      return isConditionMet(client.send(update));
    },
  };
}
