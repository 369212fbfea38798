import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { expiry, type Lifetime } from '../aws/lifetime.ts';
import { queryAll } from '../aws/query-all.ts';
import type { FinalStatus } from '../imports/model/history.ts';
import { mapConcurrently } from '../map-concurrently.ts';
import { COUNTED_AS, FinalStateCounts, noFinalStates } from './drop.ts';

/** An import of a drop that a worker finished. */
export type EndedImport = { drop: string; status: FinalStatus };

/** What ended, and the rows that were read, in the minute that begins at `at` (epoch ms). */
export type CountedMinute = { at: number; counts: MinuteCounts };
const MinuteCounts = v.object({ ...FinalStateCounts.entries, rows: v.optional(v.number(), 0) });
export type MinuteCounts = v.InferOutput<typeof MinuteCounts>;

/** Sort keys of the counts beside the drop's own item (store.ts): `minute#2026-11-25T19:05`, in UTC. */
const MINUTE = 'minute#';
const StoredMinute = v.object({ item: v.string(), ...MinuteCounts.entries });

export type LiveCounts = ReturnType<typeof liveCounts>;

/**
 * Counts of a drop's ended imports by minute, which workers write while the drop is under way: one write unit for each batch and drop, so about
 * 0.1 for an import. They are hints. A lost response can count an import twice, and an import that ends without a worker is missing. The
 * counts of followed parts in the drop's item are exact, and replace them when the drop has ended. A minute's item takes 1,000 writes a
 * second; workers of drops write at most some 100 a second (`bulkConcurrencyMax` of infra/environments.ts).
 */
export function liveCounts(client: DynamoDBDocumentClient, table: string, lifetime: Lifetime) {
  const add = async (drop: string, counts: Partial<MinuteCounts>): Promise<void> => {
    const now = lifetime.clock();
    const set = expiry(lifetime, now);
    const all = Object.entries({ ...counts, ...set });
    const adding = Object.keys(counts).map((name) => `#${name} :${name}`);
    const setting = Object.keys(set).map((name) => `SET #${name} = :${name} `);
    await client.send(
      new UpdateCommand({
        TableName: table,
        Key: { id: drop, item: `${MINUTE}${new Date(now).toISOString().slice(0, 16)}` },
        UpdateExpression: `${setting.join('')}ADD ${adding.join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(all.map(([name]) => [`#${name}`, name])),
        ExpressionAttributeValues: Object.fromEntries(all.map(([name, value]) => [`:${name}`, value])),
      }),
    );
  };
  const minutes = async (drop: string): Promise<CountedMinute[]> => {
    const items = await queryAll(client, {
      TableName: table,
      KeyConditionExpression: 'id = :id AND begins_with(#item, :minute)',
      ExpressionAttributeNames: { '#item': 'item' },
      ExpressionAttributeValues: { ':id': drop, ':minute': MINUTE },
    });
    return v.parse(v.array(StoredMinute), items).map(({ item, ...counts }) => ({
      at: Date.parse(`${item.slice(MINUTE.length)}Z`),
      counts,
    }));
  };

  return {
    /** Adds the imports that one batch ended. @throws the client's errors */
    async add(ended: readonly EndedImport[]): Promise<void> {
      await mapConcurrently([...byDrop(ended)], 10, ([drop, counts]) => add(drop, counts));
    },

    /** Adds the rows that one run read. @throws the client's errors */
    async addRows(drop: string, rows: number): Promise<void> {
      if (rows > 0) await add(drop, { rows });
    },

    /** Returns a drop's minutes that have counts, oldest first. Eventually consistent. @throws the client's errors */
    minutes,

    /** Returns a drop's counts. Eventually consistent. @throws the client's errors */
    async get(drop: string): Promise<FinalStateCounts> {
      const sums = noFinalStates();
      for (const { counts } of await minutes(drop))
        for (const name of Object.keys(sums) as (keyof FinalStateCounts)[]) sums[name] += counts[name];
      return sums;
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
