import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { REGISTRY_KINDS } from '../../suppliers/registry-kinds.ts';

/** A count of the entries of one partition of the `listing` index up to a position, inclusive. */
export const PartitionCount = v.object({ entries: v.number(), upTo: v.string() });
export type PartitionCount = v.InferOutput<typeof PartitionCount>;

/** What was counted of a supplier's imports. `countedAt` and `recountedAt` are epoch ms. */
const StoredCounts = v.object({
  countedAt: v.number(),
  /** When the last count of each shard's ended imports from the first to the last began. */
  recountedAt: v.array(v.number()),
  /** How many imports each shard had open at the last count. */
  open: v.array(v.number()),
  /** By partition. */
  partitions: v.record(v.string(), PartitionCount),
  /** Imports by status at the last count. */
  byStatus: v.record(v.string(), v.number()),
  isExact: v.boolean(),
  /** Since when the oldest import that may start is open. Absent if there is none. */
  oldestOpenSince: v.optional(v.number()),
});
export type StoredCounts = v.InferOutput<typeof StoredCounts>;

/** The sort keys of suppliers' counts in the registry table have this partition key. */
const COUNTS = REGISTRY_KINDS.counts;

export type ImportCounts = ReturnType<typeof importCounts>;

/** The counts of suppliers' imports in the registry table. They are a cache: every count can be made again from the index. */
export function importCounts(client: DynamoDBDocumentClient, table: string) {
  return {
    async get(importSupplier: string): Promise<StoredCounts | undefined> {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: { kind: COUNTS, key: importSupplier } }),
      );
      const parsed = v.safeParse(StoredCounts, Item);
      return parsed.success ? parsed.output : undefined;
    },

    async put(importSupplier: string, counts: StoredCounts): Promise<void> {
      await client.send(
        new PutCommand({ TableName: table, Item: { kind: COUNTS, key: importSupplier, ...counts } }),
      );
    },

    /** Makes the next count start anew, because entries were deleted. */
    async forget(importSupplier: string): Promise<void> {
      await client.send(new PutCommand({ TableName: table, Item: { kind: COUNTS, key: importSupplier } }));
    },
  };
}
