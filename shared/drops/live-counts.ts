import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { expiry, type Lifetime } from '../aws/lifetime.ts';
import { queryAll } from '../aws/query-all.ts';
import type { FinalStatus } from '../imports/model/history.ts';
import { mapConcurrently } from '../map-concurrently.ts';
import { COUNTED_AS, type FinalStateCounts, noFinalStates } from './drop.ts';

/** An import that a worker finished. `drop` is the drop that it came in. */
export type EndedImport = { importSupplier: string; drop?: string | undefined; status: FinalStatus };

/** What ended, and the rows that were read, in the minute that begins at `at` (epoch ms): in all, and by drop. */
export type CountedMinute = { at: number; all: MinuteCounts; drops: ReadonlyMap<string, MinuteCounts> };
export type MinuteCounts = FinalStateCounts & { rows: number };

export type LiveCounts = ReturnType<typeof liveCounts>;

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const READS_AT_ONCE = 8;
/** Separates a drop's id from the name of a count in the name of an attribute. Ids of drops are base64url. */
const OF_DROP = ':';
const NAMES: readonly string[] = ['rows', ...Object.values(COUNTED_AS)];

const StoredMinute = v.looseObject({ item: v.string() });

/**
 * Counts of a supplier's ended imports by minute, in all and by drop, which workers write: one write unit for each batch, supplier and
 * minute, so about 0.1 for an import in full batches. They are hints. A lost response can count an import twice, and an import that ends
 * without a worker is missing. The counts of followed parts in a drop's item are exact, and replace them when the drop has ended.
 *
 * A minute's item takes 1,000 writes a second; workers write at most some 100 a second (`bulkConcurrencyMax` of infra/environments.ts).
 * It stays below 1 kB, which is one write unit, while fewer than twenty drops end imports in the same minute.
 */
export function liveCounts(client: DynamoDBDocumentClient, table: string, lifetime: Lifetime) {
  const add = async (importSupplier: string, counts: ReadonlyMap<string, number>): Promise<void> => {
    const now = lifetime.clock();
    const set = Object.entries(expiry(lifetime, now));
    const names = [...counts.keys(), ...set.map(([name]) => name)];
    const values = [...counts.values(), ...set.map(([, value]) => value)];
    const adding = [...counts.keys()].map((_, index) => `#${index} :${index}`);
    const setting = set.map((_, index) => `#${counts.size + index} = :${counts.size + index}`);
    await client.send(
      new UpdateCommand({
        TableName: table,
        Key: minuteKey(importSupplier, now),
        UpdateExpression: `${setting.length > 0 ? `SET ${setting.join(', ')} ` : ''}ADD ${adding.join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(names.map((name, index) => [`#${index}`, name])),
        ExpressionAttributeValues: Object.fromEntries(values.map((value, index) => [`:${index}`, value])),
      }),
    );
  };

  return {
    /** Adds the imports that one batch ended. @throws the client's errors */
    async add(ended: readonly EndedImport[]): Promise<void> {
      await mapConcurrently([...bySupplier(ended)], 10, ([supplier, counts]) => add(supplier, counts));
    },

    /** Adds the rows that one run read. @throws the client's errors */
    async addRows(importSupplier: string, drop: string, rows: number): Promise<void> {
      if (rows === 0) return;
      await add(
        importSupplier,
        new Map([
          ['rows', rows],
          [`${drop}${OF_DROP}rows`, rows],
        ]),
      );
    },

    /** Returns the minutes from `from` to `to` (epoch ms, both inclusive) that have counts, oldest first. Eventually consistent. @throws the client's errors */
    async minutes(importSupplier: string, from: number, to: number): Promise<CountedMinute[]> {
      const days: number[] = [];
      for (let day = Math.floor(from / DAY_MS) * DAY_MS; day <= to; day += DAY_MS) days.push(day);
      const first = Math.floor(from / MINUTE_MS) * MINUTE_MS;
      const read = await mapConcurrently(days, READS_AT_ONCE, async (day) => {
        const items = await queryAll(client, {
          TableName: table,
          KeyConditionExpression: 'id = :id AND #item BETWEEN :first AND :last',
          ExpressionAttributeNames: { '#item': 'item' },
          ExpressionAttributeValues: {
            ':id': minuteKey(importSupplier, day).id,
            ':first': minuteKey(importSupplier, Math.max(first, day)).item,
            ':last': minuteKey(importSupplier, Math.min(to, day + DAY_MS - 1)).item,
          },
        });
        return items.map((item) => minuteOf(day, v.parse(StoredMinute, item)));
      });
      return read.flat();
    },
  };
}

/** Adds up a drop's counts. */
export function countsOfDrop(minutes: readonly CountedMinute[], drop: string): FinalStateCounts {
  const sums = noFinalStates();
  for (const { drops } of minutes) {
    const counts = drops.get(drop);
    if (counts === undefined) continue;
    for (const name of Object.keys(sums) as (keyof FinalStateCounts)[]) sums[name] += counts[name];
  }
  return sums;
}

/** A partition for each day in UTC, with an item for each minute: `2026-11-25` and `19:05`. */
function minuteKey(importSupplier: string, epochMs: number): { id: string; item: string } {
  const time = new Date(epochMs).toISOString();
  return { id: `ended#${importSupplier}#${time.slice(0, 10)}`, item: time.slice(11, 16) };
}

function minuteOf(day: number, { item, ...attributes }: v.InferOutput<typeof StoredMinute>): CountedMinute {
  const [hours, minutes] = item.split(':').map(Number);
  const all = noCounts();
  const drops = new Map<string, MinuteCounts>();
  for (const [attribute, value] of Object.entries(attributes)) {
    const [name = '', drop] = attribute.split(OF_DROP).reverse();
    if (typeof value !== 'number' || !NAMES.includes(name)) continue;
    let counts = all;
    if (drop !== undefined) {
      counts = drops.get(drop) ?? noCounts();
      drops.set(drop, counts);
    }
    counts[name as keyof MinuteCounts] += value;
  }
  return { at: day + (hours! * 60 + minutes!) * MINUTE_MS, all, drops };
}

const noCounts = (): MinuteCounts => ({ ...noFinalStates(), rows: 0 });

/** The numbers to add by supplier, under the names of the attributes. */
function bySupplier(ended: readonly EndedImport[]): Map<string, Map<string, number>> {
  const suppliers = new Map<string, Map<string, number>>();
  for (const { importSupplier, drop, status } of ended) {
    const counts = suppliers.get(importSupplier) ?? new Map<string, number>();
    suppliers.set(importSupplier, counts);
    const name = COUNTED_AS[status];
    for (const attribute of drop === undefined ? [name] : [name, `${drop}${OF_DROP}${name}`])
      counts.set(attribute, (counts.get(attribute) ?? 0) + 1);
  }
  return suppliers;
}
