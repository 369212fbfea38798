/**
 * An item's size by DynamoDB's published rules, in bytes (source: Amazon DynamoDB developer guide, "DynamoDB item sizes and
 * formats"): names and texts in UTF-8, a byte for two digits of a number and one more, three for a list or map and one for
 * each element in it.
 */
export function itemBytes(item: Record<string, unknown>): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + text(name) + valueBytes(value), 0);
}

const text = (value: string): number => Buffer.byteLength(value);

function valueBytes(value: unknown): number {
  if (value === null || typeof value === 'boolean') return 1;
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number') return numberBytes(value);
  if (value instanceof Uint8Array) return value.length;
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + 1 + valueBytes(each), 3);
  if (typeof value === 'object') return 3 + Object.keys(value).length + itemBytes({ ...value });
  throw new Error(`No size is known for a ${typeof value}.`);
}

/** Zeros before and after the others do not count. */
function numberBytes(value: number): number {
  const digits = String(Math.abs(value)).replace('.', '').replace(/^0+/, '').replace(/0+$/, '');
  return Math.ceil(digits.length / 2) + 1 + (value < 0 ? 1 : 0);
}

/** Write units of a write that takes an item from what it was to what it is; undefined: there is none. */
export function writeUnits(
  before: Record<string, unknown> | undefined,
  after: Record<string, unknown> | undefined,
): number {
  return Math.ceil(Math.max(itemBytes(before ?? {}), itemBytes(after ?? {})) / 1024);
}

/** Write units of what a write does to an index of these keys and other attributes. */
export function indexWriteUnits(
  before: Record<string, unknown> | undefined,
  after: Record<string, unknown> | undefined,
  { keys, attributes }: { keys: readonly string[]; attributes: readonly string[] },
): number {
  const entry = (item: Record<string, unknown> | undefined) => {
    if (item === undefined || keys.some((key) => !(key in item))) return undefined;
    const names = ['id', ...keys, ...attributes].filter((name) => name in item);
    return Object.fromEntries(names.map((name) => [name, item[name]]));
  };
  const [was, is] = [entry(before), entry(after)];
  if (JSON.stringify(was) === JSON.stringify(is)) return 0;
  const isMoved = was !== undefined && is !== undefined && keys.some((key) => was[key] !== is[key]);
  return isMoved ? writeUnits(was, undefined) + writeUnits(undefined, is) : writeUnits(was, is);
}
