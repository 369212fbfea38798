import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { ACCOUNT, REGION } from '../resource.ts';
import { type Item, indexWriteUnits, type TableShape, writeUnits } from '../write-units.ts';

/** Limits in write units per second: of a table and each of its indexes, and of one partition key. */
export type StoreUnits = { table: number; partition: number };

/** Consumed write units by table and by `<table>/<index>`, and the number of throttled requests. */
export type StoreUse = { consumed: Record<string, number>; throttled: number };

/** The status and body of an HTTP response. */
type HttpResponse = { status: number; body: string };
/** A write that is not throttled. `charge` counts its units, given the emulator's response. */
type AdmittedWrite = { charge(response: HttpResponse): Promise<void> };

const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);
/** Maximum number of token buckets. The least recently used ones are evicted. */
const BUCKETS_MAX = 20_000;

/**
 * Throttles writes as DynamoDB does for on-demand tables. Each table, index and partition key has a token bucket with the units of one
 * second. A write is throttled while one of its buckets is empty. A write takes one unit at once, and the rest afterwards, when its
 * consumption is known, so a bucket can become negative. Unlike in AWS, there is no burst capacity beyond a second, and keys do not share
 * partitions.
 *
 * @param shapes the tables' shapes by table name
 * @param client reads items from the emulator; reads are not throttled
 */
export function writeThrottle(
  units: StoreUnits,
  shapes: ReadonlyMap<string, TableShape>,
  client: DynamoDBDocumentClient,
  now: () => number = Date.now,
) {
  const buckets = new Map<string, { units: number; at: number }>();
  const use: StoreUse = { consumed: {}, throttled: 0 };

  const bucket = (name: string, rate: number) => {
    const time = now();
    const found = buckets.get(name) ?? { units: rate, at: time };
    found.units = Math.min(rate, found.units + ((time - found.at) / 1000) * rate);
    found.at = time;
    buckets.delete(name);
    buckets.set(name, found);
    if (buckets.size > BUCKETS_MAX) buckets.delete(buckets.keys().next().value!);
    return found;
  };
  /** Takes units from the buckets, or returns negative ones. */
  const take = ({ resource, partition }: Target, taken: number): void => {
    bucket(resource, units.table).units -= taken;
    bucket(partition, units.partition).units -= taken;
  };
  const isEmpty = ({ resource, partition }: Target): boolean =>
    bucket(resource, units.table).units <= 0 || bucket(partition, units.partition).units <= 0;
  const consume = (target: Target, consumed: number): void => {
    take(target, consumed);
    use.consumed[target.resource] = (use.consumed[target.resource] ?? 0) + consumed;
  };

  return {
    use: (): StoreUse => ({ ...use, consumed: { ...use.consumed } }),

    /**
     * Checks a request. Returns the error response for a throttled write, the admitted write, or undefined for any other operation.
     *
     * @throws Error for BatchWriteItem, which no function uses
     */
    async admit(operation: string, body: Wire): Promise<HttpResponse | AdmittedWrite | undefined> {
      if (operation === 'BatchWriteItem') throw new Error('The local host cannot throttle BatchWriteItem.');
      if (!WRITES.has(operation)) return undefined;
      const write = readWrite(operation, body, shapes);
      const before = write.isNew ? undefined : await readItem(client, write);
      const known = [before, write.item].filter((item) => item !== undefined);
      const needed = [tableTarget(write), ...known.flatMap((item) => indexTargets(write, item))];
      const empty = needed.find(isEmpty);
      if (empty !== undefined) {
        use.throttled += 1;
        return throttled(empty);
      }
      // Concurrent writes must not all be admitted by the last unit.
      for (const target of needed) take(target, 1);
      return {
        async charge(response) {
          for (const target of needed) take(target, -1);
          if (response.status !== 200 && !response.body.includes('ConditionalCheckFailedException')) return;
          const after = response.status === 200 ? await itemAfter(client, write) : before;
          consume(tableTarget(write), writeUnits(before, after));
          for (const index of write.shape.indexes) {
            const consumed = indexWriteUnits(before, after, index, write.shape.keys);
            const item = [after, before].find((each) => each !== undefined && index.keys[0]! in each);
            if (consumed > 0 && item !== undefined) consume(indexTarget(write, index, item), consumed);
          }
        },
      };
    },
  };
}

type Wire = Record<string, unknown>;
type Index = TableShape['indexes'][number];
/** A table or index, and one of its partition keys. */
type Target = { resource: string; partition: string };
type Write = {
  table: string;
  shape: TableShape;
  key: Item;
  /** The item of a PutItem; undefined for updates and deletions. */
  item: Item | undefined;
  /** Whether the write is conditional on the item not existing. */
  isNew: boolean;
  operation: string;
};

function readWrite(operation: string, body: Wire, shapes: ReadonlyMap<string, TableShape>): Write {
  const table = String(body['TableName']);
  const shape = shapes.get(table)!;
  const item = body['Item'] === undefined ? undefined : plain(body['Item']);
  const named = item ?? plain(body['Key']);
  const key = Object.fromEntries(shape.keys.map((name) => [name, named[name]]));
  const isNew = /^attribute_not_exists\((\w+)\)$/.test(String(body['ConditionExpression'] ?? ''));
  return { table, shape, key, item, isNew: isNew && item !== undefined, operation };
}

const plain = (item: unknown): Item => unmarshall(item as Parameters<typeof unmarshall>[0]);

async function readItem(client: DynamoDBDocumentClient, { table, key }: Write): Promise<Item | undefined> {
  const command = new GetCommand({ TableName: table, Key: { ...key }, ConsistentRead: true });
  return (await client.send(command)).Item;
}

/** The item after a write. After an update it is read from the table. */
const itemAfter = async (client: DynamoDBDocumentClient, write: Write): Promise<Item | undefined> =>
  write.operation === 'UpdateItem' ? readItem(client, write) : write.item;

const tableTarget = ({ table, shape, key }: Write): Target => ({
  resource: table,
  partition: `${table}\n${key[shape.keys[0]!]}`,
});

const indexTarget = ({ table }: Write, { name, keys }: Index, item: Item): Target => ({
  resource: `${table}/${name}`,
  partition: `${table}/${name}\n${item[keys[0]!]}`,
});

const indexTargets = (write: Write, item: Item): Target[] =>
  write.shape.indexes
    .filter(({ keys }) => keys.every((key) => key in item))
    .map((index) => indexTarget(write, index, item));

/**
 * DynamoDB's response for throttled on-demand tables (source: the API's ThrottlingException and ThrottlingReason; the message as observed in
 * AWS, for example in aws/aws-appsync-community issue 336).
 */
function throttled({ resource }: Target): HttpResponse {
  const [table, index] = resource.split('/');
  const arn = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${table}${index === undefined ? '' : `/index/${index}`}`;
  const reason = `${index === undefined ? 'Table' : 'Index'}WriteKeyRangeThroughputExceeded`;
  const body = {
    __type: 'com.amazonaws.dynamodb.v20120810#ThrottlingException',
    message:
      'Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly.',
    throttlingReasons: [{ reason, resource: arn }],
  };
  return { status: 400, body: JSON.stringify(body) };
}
