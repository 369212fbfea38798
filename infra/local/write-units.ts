/** An item as the document client returns it. */
export type Item = Readonly<Record<string, unknown>>;

/** A table's key names and global secondary indexes. `attributes`: the projected attributes; undefined: all. */
export type TableShape = {
  keys: readonly string[];
  indexes: readonly { name: string; keys: readonly string[]; attributes: readonly string[] | undefined }[];
};

/** Bytes that one write unit covers (source: DynamoDB, "Read and write request units"). */
const WRITE_UNIT_BYTES = 1024;

/**
 * An item's size in bytes (source: Amazon DynamoDB developer guide, "DynamoDB item sizes and formats"): names and strings in UTF-8; numbers
 * one byte per two significant digits and one more; lists and maps three bytes and one per element.
 */
export function itemBytes(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + text(name) + valueBytes(value), 0);
}

const text = (value: string): number => Buffer.byteLength(value);

function valueBytes(value: unknown): number {
  if (value === null || typeof value === 'boolean') return 1;
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number') return numberBytes(value);
  if (value instanceof Uint8Array) return value.length;
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + 1 + valueBytes(each), 3);
  if (value instanceof Set) return [...value].reduce<number>((sum, each) => sum + valueBytes(each), 0);
  if (typeof value === 'object') return 3 + Object.keys(value).length + itemBytes({ ...value });
  throw new Error(`No size is known for a ${typeof value}.`);
}

/** Leading and trailing zeros do not count. */
function numberBytes(value: number): number {
  const digits = String(Math.abs(value)).replace('.', '').replace(/^0+/, '').replace(/0+$/, '');
  return Math.ceil(digits.length / 2) + 1 + (value < 0 ? 1 : 0);
}

/** Storage overhead of each item and each index entry (source: DynamoDB, "Best practices for storing large items"; billed storage). */
const ITEM_OVERHEAD_BYTES = 100;

/** Billed storage of an item or index entry, in bytes. */
export const storedBytes = (item: Item | undefined): number =>
  item === undefined ? 0 : itemBytes(item) + ITEM_OVERHEAD_BYTES;

/** Write units of a write, by the item before and after it; undefined: no item. */
export function writeUnits(before: Item | undefined, after: Item | undefined): number {
  const bytes = Math.max(itemBytes(before ?? {}), itemBytes(after ?? {}));
  return Math.max(1, Math.ceil(bytes / WRITE_UNIT_BYTES));
}

/**
 * Write units that a write consumes in one of the table's indexes (source: DynamoDB, "Provisioned throughput considerations for global
 * secondary indexes"): none if the entry is absent or unchanged, one write if it is added, deleted or updated, two if its key changes.
 */
export function indexWriteUnits(
  before: Item | undefined,
  after: Item | undefined,
  { keys, attributes }: Pick<TableShape['indexes'][number], 'keys' | 'attributes'>,
  tableKeys: readonly string[],
): number {
  const index = { keys, attributes };
  const [was, is] = [indexEntry(before, index, tableKeys), indexEntry(after, index, tableKeys)];
  if (JSON.stringify(was) === JSON.stringify(is)) return 0;
  const isMoved = was !== undefined && is !== undefined && keys.some((key) => was[key] !== is[key]);
  return isMoved ? writeUnits(was, undefined) + writeUnits(undefined, is) : writeUnits(was, is);
}

type KeySchema = { AttributeName: string }[];
type Index = {
  IndexName: string;
  KeySchema: KeySchema;
  Projection: { ProjectionType: string; NonKeyAttributes?: string[] };
};

/** Returns the shape of a table by its properties in the template. */
export function shapeOf(properties: Record<string, unknown>): TableShape {
  const names = (schema: KeySchema): string[] => schema.map(({ AttributeName }) => AttributeName);
  const indexes = (properties['GlobalSecondaryIndexes'] ?? []) as Index[];
  return {
    keys: names(properties['KeySchema'] as KeySchema),
    indexes: indexes.map(({ IndexName, KeySchema, Projection }) => ({
      name: IndexName,
      keys: names(KeySchema),
      attributes: Projection.ProjectionType === 'ALL' ? undefined : (Projection.NonKeyAttributes ?? []),
    })),
  };
}

/** Returns an item's entry in an index; undefined if the item lacks the index's key. */
export function indexEntry(
  item: Item | undefined,
  { keys, attributes }: Pick<TableShape['indexes'][number], 'keys' | 'attributes'>,
  tableKeys: readonly string[],
): Item | undefined {
  if (item === undefined || keys.some((key) => !(key in item))) return undefined;
  const names = attributes === undefined ? Object.keys(item) : [...tableKeys, ...keys, ...attributes];
  return Object.fromEntries(
    [...new Set(names)].filter((name) => name in item).map((name) => [name, item[name]]),
  );
}
