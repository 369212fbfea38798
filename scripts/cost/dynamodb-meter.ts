import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Credentials } from '../../infra/local/access/credentials.ts';
import { signedHeaders } from '../../infra/local/access/signature.ts';
import { foreignRequest, refuse } from '../../infra/local/access/web-requests.ts';
import { REGION } from '../../infra/local/resource.ts';
import {
  type Item,
  indexEntry,
  indexWriteUnits,
  storedBytes,
  type TableShape,
  writeUnits,
} from '../../infra/local/write-units.ts';
import { isCounted } from './caller.ts';
import { counted, type Tally } from './tally.ts';

const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);
const READS = new Set(['GetItem', 'BatchGetItem', 'Query']);
/** Operations that are free. The host creates tables with them. */
const FREE = new Set(['CreateTable', 'DescribeTable']);

type Wire = Record<string, unknown>;
type WireKey = Record<string, { S?: string; N?: string }>;
type Call = { operation: string; body: Wire };
type Upstream = { endpoint: string; credentials: Credentials; client: DynamoDBDocumentClient };

/**
 * Starts a proxy to a DynamoDB emulator that adds up the capacity that calls would consume. It computes a write's units, indexes
 * included, from the item before and after it, and therefore serializes the writes to an item. Read units are the emulator's, which
 * follow DynamoDB's rules.
 */
export async function startDynamoDBMeter(
  { endpoint, operator: credentials }: { endpoint: string; operator: Credentials },
  shapes: ReadonlyMap<string, TableShape>,
  tally: Tally,
) {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint, region: REGION, credentials }));
  const upstream = { endpoint, credentials, client };
  const serialize = keyedMutex();
  const unknown = new Set<string>();
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const foreign = foreignRequest(request.headers);
    if (foreign !== undefined) return refuse(response, foreign);
    const call = { operation: operationOf(request), body: await json(request) };
    let text: string | undefined;
    const pass = async (body: Wire) => {
      const forwarded = await forward(upstream, request, body);
      response.writeHead(forwarded.status, { 'content-type': 'application/x-amz-json-1.0' });
      text = forwarded.text;
      return { status: forwarded.status, body: JSON.parse(text) as Wire };
    };
    if (!isCounted(request, credentials.accessKeyId) || FREE.has(call.operation)) await pass(call.body);
    else if (READS.has(call.operation)) await meterRead(call, pass, tally);
    else if (WRITES.has(call.operation)) {
      const shape = shapes.get(tableOf(call))!;
      const key = keyOf(call.body, shape);
      await serialize(JSON.stringify([tableOf(call), key]), () =>
        meterWrite(call, key, shape, { pass, client, tally }),
      );
    } else {
      unknown.add(call.operation);
      response.destroy();
    }
    // Responds only after the call is in the tally, so a client that has the response finds it there.
    if (text !== undefined) response.end(text);
  };
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Operations that were rejected, because this meter has no price for them. */
    unknown,
    async stop() {
      client.destroy();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

type Pass = (body: Wire) => Promise<{ status: number; body: Wire }>;

async function meterRead({ body }: Call, pass: Pass, tally: Tally): Promise<void> {
  const { body: response } = await pass({ ...body, ReturnConsumedCapacity: 'TOTAL' });
  const capacities = [response['ConsumedCapacity'] ?? []].flat() as {
    TableName: string;
    CapacityUnits: number;
  }[];
  for (const { TableName, CapacityUnits } of capacities) tally.add(counted.read(TableName), CapacityUnits);
}

async function meterWrite(
  call: Call,
  Key: Item,
  shape: TableShape,
  { pass, client, tally }: { pass: Pass; client: DynamoDBDocumentClient; tally: Tally },
): Promise<void> {
  const TableName = tableOf(call);
  const item = async (): Promise<Item | undefined> =>
    (await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }))).Item;
  const before = await item();
  const { status, body } = await pass(call.body);
  // A write whose condition fails consumes the units of the existing item. Other failures consume nothing.
  if (status !== 200 && !String(body['__type']).endsWith('ConditionalCheckFailedException')) return;
  const after = status === 200 ? await item() : before;
  tally.add(counted.write(TableName), writeUnits(before, after));
  const grown = storedBytes(after) - storedBytes(before);
  if (grown !== 0) tally.add(counted.stored(TableName), grown);
  for (const index of shape.indexes) {
    const units = indexWriteUnits(before, after, index, shape.keys);
    if (units > 0) tally.add(counted.indexWrite(TableName, index.name), units);
    const entryBytes = (item: Item | undefined) => storedBytes(indexEntry(item, index, shape.keys));
    const indexGrown = entryBytes(after) - entryBytes(before);
    if (indexGrown !== 0) tally.add(counted.storedInIndex(TableName, index.name), indexGrown);
  }
}

const operationOf = ({ headers }: IncomingMessage): string =>
  String(headers['x-amz-target']).split('.').at(-1) ?? '';
const tableOf = ({ body }: Call): string => String(body['TableName']);
const json = async (request: IncomingMessage): Promise<Wire> =>
  JSON.parse((await buffer(request)).toString('utf8')) as Wire;

/** Returns the key of the item that a write changes, in the document client's format. */
function keyOf(body: Wire, { keys }: TableShape): Item {
  const from = (body['Key'] ?? body['Item']) as WireKey;
  return Object.fromEntries(keys.map((name) => [name, from[name]?.S ?? Number(from[name]?.N)]));
}

async function forward({ endpoint, credentials }: Upstream, request: IncomingMessage, body: Wire) {
  const headers = {
    'x-amz-target': String(request.headers['x-amz-target']),
    'content-type': 'application/x-amz-json-1.0',
  };
  const forwarded = { method: 'POST', url: `${endpoint}/`, headers, body: JSON.stringify(body) };
  const response = await fetch(forwarded.url, {
    ...forwarded,
    headers: await signedHeaders(forwarded, 'dynamodb', credentials),
  });
  return { status: response.status, text: await response.text() };
}

/** Runs work with the same key one after another, in the order of the calls. */
function keyedMutex() {
  const last = new Map<string, Promise<void>>();
  return (key: string, work: () => Promise<void>): Promise<void> => {
    const turn = (last.get(key) ?? Promise.resolve()).then(work);
    const settled = turn.catch(() => {});
    last.set(key, settled);
    return turn;
  };
}
