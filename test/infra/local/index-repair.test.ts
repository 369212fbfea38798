import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, expect, it } from 'vitest';
import { accessKeys } from '../../../infra/local/access/credentials.ts';
import { startDynamoDB } from '../../../infra/local/emulators/dynamodb.ts';

const keys = accessKeys([]);
/** Over a thousand writes take long on a busy machine. */
const SLOW = { timeout: 180_000 };
/** More than are compared at a time. */
const ITEMS = 1_200;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Starts DynamoDB on a folder and uses it; answers what was reported at the start. */
async function use(folder: string, work: (client: DynamoDBDocumentClient) => Promise<void>) {
  const said: string[] = [];
  const { endpoint, stop } = await startDynamoDB(folder, keys, (line) => said.push(line));
  const client = new DynamoDBClient({ endpoint, region: 'ap-southeast-2', credentials: keys.operator });
  try {
    await work(DynamoDBDocumentClient.from(client));
  } finally {
    client.destroy();
    await stop();
  }
  return said;
}

const numbered = (index: number) => `item-${String(index).padStart(4, '0')}`;
const KEY = (AttributeName: string) => [{ AttributeName, KeyType: 'HASH' as const }];

async function createItems(client: DynamoDBDocumentClient): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: 'imports',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'state', AttributeType: 'S' },
      ],
      KeySchema: KEY('id'),
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-state',
          KeySchema: KEY('state'),
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['attempt'] },
        },
      ],
    }),
  );
  for (let from = 0; from < ITEMS; from += 50) {
    const items = Array.from({ length: 50 }, (_, index) => numbered(from + index));
    const put = (id: string) =>
      client.send(
        new PutCommand({ TableName: 'imports', Item: { id, state: 'open', attempt: 1, other: 'x' } }),
      );
    await Promise.all(items.map(put));
  }
}

async function openIn(client: DynamoDBDocumentClient): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: 'imports',
        IndexName: 'by-state',
        KeyConditionExpression: '#state = :open',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: { ':open': 'open' },
        ...(ExclusiveStartKey && { ExclusiveStartKey }),
      }),
    );
    found.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return found.sort((one, other) => (String(one['id']) < String(other['id']) ? -1 : 1));
}
const EXPECTED = Array.from({ length: ITEMS }, (_, index) => ({
  id: numbered(index),
  state: 'open',
  attempt: 1,
}));

/**
 * Makes the index differ from the items as after a kill: an entry of an item that was never written, an entry with an update that was
 * not written, and a missing entry. Removes the mark of a clean stop unless `isMarkedClean`.
 */
async function tamper(folder: string, { isMarkedClean }: { isMarkedClean: boolean }): Promise<void> {
  const dynalite = createRequire(import.meta.url)('dynalite/db');
  const store = dynalite.create({ path: folder });
  const done = <T>(call: (callback: (error: unknown, value: T) => void) => void): Promise<T> =>
    new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value))));
  const table = await done((callback) => store.getTable('imports', callback));
  const item = (id: string, attempt: string) => ({
    id: { S: id },
    state: { S: 'open' },
    attempt: { N: attempt },
  });
  const update = (before: object | undefined, after: object | undefined) =>
    done((callback) => dynalite.updateIndexes(store, table, before, after, callback));
  await update(undefined, item('never written', '1'));
  await update(item(numbered(7), '1'), item(numbered(7), '2'));
  await update(item(numbered(1_100), '1'), undefined);
  if (!isMarkedClean) await store.db.del('closed-cleanly');
  await done((callback) => store.db.close(callback));
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-indexes-'));
  folders.push(folder);
  return folder;
}

it('after a kill the indexes are rebuilt from the items, and a line reports it', SLOW, async () => {
  const folder = newFolder();
  expect(await use(folder, createItems)).toEqual([]);
  await tamper(folder, { isMarkedClean: false });
  const said = await use(folder, async (client) => expect(await openIn(client)).toEqual(EXPECTED));
  expect(said).toEqual([
    'DynamoDB: the run before did not stop cleanly, so its indexes were rebuilt: 2 wrong entries removed, 2 missing ones added.',
  ]);
  expect(await use(folder, async (client) => expect(await openIn(client)).toEqual(EXPECTED))).toEqual([]);
});

it('after a clean stop the indexes are not compared', SLOW, async () => {
  const folder = newFolder();
  await use(folder, createItems);
  await tamper(folder, { isMarkedClean: true });
  const ids: unknown[] = [];
  const said = await use(folder, async (client) => {
    ids.push(...(await openIn(client)).map(({ id }) => id));
  });
  expect(said).toEqual([]);
  expect(ids).toContain('never written');
});
