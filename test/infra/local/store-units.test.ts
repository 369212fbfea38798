import { DynamoDBClient, ThrottlingException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeThrottle } from '../../../infra/local/emulators/write-throttle.ts';
import { type SmallHost, startSmallHost } from './small-assembly.ts';

const key = (name: string, KeyType: string) => ({ AttributeName: name, KeyType });
const text = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' });

/** A partition key accepts one write, and the next one after 100 seconds. The table accepts all writes of this test. */
const UNITS = { table: 1000, partition: 0.01 };

let host: SmallHost;
let client: DynamoDBDocumentClient;
beforeAll(async () => {
  host = await startSmallHost(
    {
      resources: {
        Things: {
          Type: 'AWS::DynamoDB::Table',
          Properties: {
            AttributeDefinitions: [text('id'), text('kind')],
            KeySchema: [key('id', 'HASH')],
            GlobalSecondaryIndexes: [
              { IndexName: 'kinds', KeySchema: [key('kind', 'HASH')], Projection: { ProjectionType: 'ALL' } },
            ],
          },
          Metadata: { 'aws:cdk:path': 'small/things/Resource' },
        },
      },
    },
    { storeUnits: UNITS },
  );
  const settings = {
    endpoint: host.endpoints.dynamodb,
    region: 'ap-southeast-2',
    credentials: host.endpoints.credentials,
  };
  client = DynamoDBDocumentClient.from(new DynamoDBClient({ ...settings, maxAttempts: 1 }));
});
afterAll(async () => {
  client.destroy();
  await host.stop();
});

const TableName = () => host.endpoints.tables['things']!;
const put = (Item: Record<string, string>) => client.send(new PutCommand({ TableName: TableName(), Item }));
const reasonsOf = (write: Promise<unknown>) =>
  write.then(
    () => [],
    (error: unknown) => {
      if (!(error instanceof ThrottlingException)) throw error;
      return error.throttlingReasons;
    },
  );

describe('a throttled store', () => {
  it('rejects a second write to a partition key, as DynamoDB does for on-demand tables, and writes nothing', async () => {
    await put({ id: 'hot', value: 'first' });
    expect(await reasonsOf(put({ id: 'hot', value: 'second' }))).toEqual([
      {
        reason: 'TableWriteKeyRangeThroughputExceeded',
        resource: expect.stringMatching(/:table\/[^/]+$/),
      },
    ]);
    const { Item } = await client.send(new GetCommand({ TableName: TableName(), Key: { id: 'hot' } }));
    expect(Item).toEqual({ id: 'hot', value: 'first' });
  });

  it('rejects a write to a hot partition key of an index although the table’s keys are not hot', async () => {
    await put({ id: 'one', kind: 'common' });
    expect(await reasonsOf(put({ id: 'two', kind: 'common' }))).toEqual([
      {
        reason: 'IndexWriteKeyRangeThroughputExceeded',
        resource: expect.stringMatching(/:table\/[^/]+\/index\/kinds$/),
      },
    ]);
    await put({ id: 'two', kind: 'rare' });
  });

  it('counts units by size, and those of indexes', async () => {
    const before = (await host.storeUse())!.consumed;
    await put({ id: 'large', kind: 'large', value: 'x'.repeat(2000) });
    const after = (await host.storeUse())!.consumed;
    const consumed = (name: string) => after[name]! - (before[name] ?? 0);
    expect([consumed(TableName()), consumed(`${TableName()}/kinds`)]).toEqual([2, 2]);
  });

  it('rejects updates, too', async () => {
    await put({ id: 'updated', kind: 'before' });
    const update = new UpdateCommand({
      TableName: TableName(),
      Key: { id: 'updated' },
      UpdateExpression: 'SET kind = :kind',
      ExpressionAttributeValues: { ':kind': 'after' },
    });
    expect(await reasonsOf(client.send(update))).toHaveLength(1);
  });
});

describe('the units of a partition key', () => {
  const TABLE = 'things';
  const shapes = new Map([[TABLE, { keys: ['id'], indexes: [] }]]);
  const served = { status: 200, body: '{}' };

  /** A throttle with one unit per second, a function that starts a write to one key, and a clock in ms. */
  function oneUnitPerSecond() {
    const clock = { now: 0 };
    const throttle = writeThrottle({ table: 1000, partition: 1 }, shapes, client, () => clock.now);
    const Item = { id: { S: 'hot' } };
    // Such a write does not read the table.
    const body = { TableName: TABLE, Item, ConditionExpression: 'attribute_not_exists(id)' };
    const start = async () => {
      const admitted = (await throttle.admit('PutItem', body))!;
      return 'status' in admitted ? undefined : admitted;
    };
    return { clock, start };
  }

  it('are taken when a write starts, so that concurrent writes do not share the last one', async () => {
    const { start } = oneUnitPerSecond();
    expect(await start()).toBeDefined();
    expect(await start()).toBeUndefined();
  });

  it('are consumed once by a write, and available again after a second', async () => {
    const { clock, start } = oneUnitPerSecond();
    await (await start())!.charge(served);
    expect(await start()).toBeUndefined();
    clock.now = 1000;
    expect(await start()).toBeDefined();
  });

  it('are returned by a write that fails', async () => {
    const { start } = oneUnitPerSecond();
    await (await start())!.charge({ status: 500, body: '' });
    expect(await start()).toBeDefined();
  });
});
