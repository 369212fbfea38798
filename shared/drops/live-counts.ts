import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { expiry, type Lifetime } from '../aws/lifetime.ts';
import type { FinalStatus } from '../imports/model/history.ts';
import { mapConcurrently } from '../map-concurrently.ts';
import { COUNTED_AS, FinalStateCounts, noFinalStates } from './drop.ts';

/** Sort key of the counts beside the drop's own item (store.ts). */
const LIVE_COUNTS = 'live-counts';

/** An import of a drop that a worker finished. */
export type EndedImport = { drop: string; status: FinalStatus };

export type LiveCounts = ReturnType<typeof liveCounts>;

/**
 * Counts of a drop's ended imports, which workers write while the drop is under way: one write unit for each batch and drop, so about 0.1 for
 * an import. They are hints. A lost response can count an import twice, and an import that ends without a worker is missing. The counts of
 * followed parts in the drop's item are exact, and replace them when the drop has ended. A drop's counts are one item, which takes 1,000
 * writes a second; workers of drops write at most some 100 a second (`bulkConcurrencyMax` of infra/environments.ts).
 */
export function liveCounts(client: DynamoDBDocumentClient, table: string, lifetime: Lifetime) {
  return {
    /** Adds the imports that one batch ended. @throws the client's errors */
    async add(ended: readonly EndedImport[]): Promise<void> {
      await mapConcurrently([...byDrop(ended)], 10, async ([id, counts]) => {
        const set = expiry(lifetime, lifetime.clock());
        const all = Object.entries({ ...counts, ...set });
        const adding = Object.keys(counts).map((name) => `#${name} :${name}`);
        const setting = Object.keys(set).map((name) => `SET #${name} = :${name} `);
        await client.send(
          new UpdateCommand({
            TableName: table,
            Key: { id, item: LIVE_COUNTS },
            UpdateExpression: `${setting.join('')}ADD ${adding.join(', ')}`,
            ExpressionAttributeNames: Object.fromEntries(all.map(([name]) => [`#${name}`, name])),
            ExpressionAttributeValues: Object.fromEntries(all.map(([name, value]) => [`:${name}`, value])),
          }),
        );
      });
    },

    /** Returns a drop's counts. Eventually consistent. @throws the client's errors */
    async get(drop: string): Promise<FinalStateCounts> {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: { id: drop, item: LIVE_COUNTS } }),
      );
      return Item === undefined ? noFinalStates() : v.parse(FinalStateCounts, Item);
    },
  };
}

function byDrop(ended: readonly EndedImport[]): Map<string, Partial<FinalStateCounts>> {
  const drops = new Map<string, Partial<FinalStateCounts>>();
  for (const { drop, status } of ended) {
    const counts = drops.get(drop) ?? {};
    const name = COUNTED_AS[status];
    counts[name] = (counts[name] ?? 0) + 1;
    drops.set(drop, counts);
  }
  return drops;
}
