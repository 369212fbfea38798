import { createRequire } from 'node:module';
import type { DynaliteStore } from './dynalite-database.ts';

type Item = Record<string, Record<string, unknown>>;
type Table = { TableName: string; LocalSecondaryIndexes?: object[]; GlobalSecondaryIndexes?: object[] };
type Entry = { index: string; key: string; item: Item };
/** dynalite's own functions, which generate the keys. */
type Dynalite = {
  createKey(item: Item, table: Table): string;
  getIndexActions(indexes: object[], before: undefined, item: Item, table: Table): { puts: Entry[] };
};
type Index = { prefix(name: string): string; definitions: object[] };

/** A marker in the database while it is closed, present only if all writes were complete. */
const CLOSED_CLEANLY = 'closed-cleanly';
/** Number of entries that are read and compared at once. */
const BATCH = 1_000;
/** Sorts after every key with a prefix, because dynalite's keys are hexadecimal. */
const LAST = '\uffff';

/** The changes of a repair. `removed`: entries without an item or different from it; `added`: missing entries. */
export type IndexRepair = { removed: number; added: number };

/**
 * Opens the database, and rebuilds the indexes of all tables from their items if it was not closed cleanly. dynalite writes an item's index
 * entries before the item, and not atomically: a kill between the two leaves them inconsistent.
 *
 * @returns undefined if no check was necessary
 * @throws if another process has the database open
 */
export async function openAndRepairIndexes({ db }: DynaliteStore): Promise<IndexRepair | undefined> {
  await db.open();
  const tables: Table[] = [];
  for await (const [, table] of db.iterator(below('table~'))) tables.push(table as Table);
  const isClean = tables.length === 0 || (await db.getMany([CLOSED_CLEANLY]))[0] === true;
  const repair = { removed: 0, added: 0 };
  if (!isClean) {
    for (const table of tables) {
      for (const index of indexesOf(table)) {
        repair.removed += await removeWrongEntries(db, table, index);
        repair.added += await addMissingEntries(db, table, index);
      }
    }
  }
  await db.batch([{ type: 'del', key: CLOSED_CLEANLY }]);
  return isClean ? undefined : repair;
}

/** Sets the marker for a clean close. Call it right before the database is closed. */
export const markClosedCleanly = ({ db }: DynaliteStore): Promise<void> =>
  db.batch([{ type: 'put', key: CLOSED_CLEANLY, value: true }]);

const dynalite: Dynalite = createRequire(import.meta.url)('dynalite/db');

const indexesOf = (table: Table): Index[] =>
  (['Local', 'Global'] as const).map((kind) => ({
    prefix: (name) => `index-${kind.toLowerCase()}~${table.TableName}~${name}~`,
    definitions: table[`${kind}SecondaryIndexes`] ?? [],
  }));

/** The entries that an item should have, by their keys in the database. */
function entriesOf(item: Item, table: Table, { prefix, definitions }: Index): Map<string, Item> {
  const { puts } = dynalite.getIndexActions(definitions, undefined, item, table);
  return new Map(puts.map(({ index, key, item: projected }) => [prefix(index) + key, projected]));
}

async function removeWrongEntries(db: DynaliteStore['db'], table: Table, index: Index): Promise<number> {
  let removed = 0;
  for await (const entries of batches(db.iterator(below(index.prefix('').slice(0, -1))))) {
    const keys = entries.map(([, entry]) => itemPrefix(table) + dynalite.createKey(entry as Item, table));
    const items = await db.getMany(keys);
    const wrong = entries.filter(([key, entry], place) => {
      const item = items[place] as Item | undefined;
      return item === undefined || !isSame(entriesOf(item, table, index).get(key), entry);
    });
    await db.batch(wrong.map(([key]) => ({ type: 'del', key })));
    removed += wrong.length;
  }
  return removed;
}

async function addMissingEntries(db: DynaliteStore['db'], table: Table, index: Index): Promise<number> {
  let added = 0;
  for await (const items of batches(db.iterator(below(itemPrefix(table))))) {
    const expected = items.flatMap(([, item]) => [...entriesOf(item as Item, table, index)]);
    const found = await db.getMany(expected.map(([key]) => key));
    const missing = expected.filter((_, place) => found[place] === undefined);
    await db.batch(missing.map(([key, value]) => ({ type: 'put', key, value })));
    added += missing.length;
  }
  return added;
}

const itemPrefix = ({ TableName }: Table): string => `item-${TableName}~`;
const below = (prefix: string): object => ({ gte: prefix, lt: prefix + LAST });
/** Compares entries as JSON: dynalite writes their attributes in the order of the index's definition. */
const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

async function* batches<Value>(values: AsyncIterable<Value>): AsyncGenerator<Value[]> {
  let batch: Value[] = [];
  for await (const value of values) {
    batch.push(value);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
