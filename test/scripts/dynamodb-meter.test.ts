import { CreateTableCommand, DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessKeyIdOf, accessKeys, newCredentials } from '../../infra/local/access/credentials.ts';
import { startDynamoDB } from '../../infra/local/emulators/dynamodb.ts';
import { startDynamoDBMeter } from '../../scripts/cost/dynamodb-meter.ts';
import { Tally } from '../../scripts/cost/tally.ts';

describe('the DynamoDB meter', () => {
  const SHAPE = { keys: ['id'], indexes: [{ name: 'by-k', keys: ['k'], attributes: ['p'] }] };
  const TableName = 'some';
  let tally: Tally;
  let stop: () => Promise<void>;
  let client: DynamoDBDocumentClient;
  let metered: Awaited<ReturnType<typeof startDynamoDBMeter>>;
  beforeAll(async () => {
    const operator = newCredentials();
    const emulator = await startDynamoDB(undefined, accessKeys([], operator));
    tally = new Tally();
    metered = await startDynamoDBMeter(
      { endpoint: emulator.endpoint, operator },
      new Map([[TableName, SHAPE]]),
      tally,
    );
    const credentials = { accessKeyId: accessKeyIdOf('create'), secretAccessKey: 'x' };
    const settings = { endpoint: metered.endpoint, region: 'ap-southeast-2', credentials, maxAttempts: 1 };
    client = DynamoDBDocumentClient.from(new DynamoDBClient(settings));
    const key = (name: string) => [{ AttributeName: name, KeyType: 'HASH' as const }];
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: key('id'),
        AttributeDefinitions: ['id', 'k'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        GlobalSecondaryIndexes: [
          {
            IndexName: 'by-k',
            KeySchema: key('k'),
            Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['p'] },
          },
        ],
      }),
    );
    stop = async () => {
      client.destroy();
      await metered.stop();
      await emulator.stop();
    };
  });
  afterAll(() => stop());

  const Key = { id: '1' };
  const SET_P = { UpdateExpression: 'SET p = :p', ExpressionAttributeValues: { ':p': 1 } };
  const NEW = { ConditionExpression: 'attribute_not_exists(id)' };
  const consumedBy = (send: () => Promise<unknown>) =>
    tally.during(async () => void (await send().catch(() => {})), 20);
  const withoutStored = (amounts: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(amounts).filter(([name]) => !name.startsWith('stored')));

  it('counts writes with their indexes, reads by consistency, and failed conditional writes', async () => {
    const item = { id: '1', k: 'a', large: 'x'.repeat(1500) };
    const steps = [
      [
        () => client.send(new PutCommand({ TableName, Item: item, ...NEW })),
        { 'write some': 2, 'write some index by-k': 1 },
      ],
      [() => client.send(new PutCommand({ TableName, Item: { id: '1' }, ...NEW })), { 'write some': 2 }],
      [
        () => client.send(new UpdateCommand({ TableName, Key, ...SET_P })),
        { 'write some': 2, 'write some index by-k': 1 },
      ],
      [() => client.send(new UpdateCommand({ TableName, Key, ...SET_P })), { 'write some': 2 }],
      [() => client.send(new GetCommand({ TableName, Key })), { 'read some': 0.5 }],
      [() => client.send(new GetCommand({ TableName, Key, ConsistentRead: true })), { 'read some': 1 }],
      [
        () => client.send(new BatchGetCommand({ RequestItems: { some: { Keys: [Key, { id: '2' }] } } })),
        { 'read some': 1 },
      ],
      [() => client.send(new GetCommand({ TableName, Key: { wrong: 1 } })), {}],
      [
        () => client.send(new DeleteCommand({ TableName, Key })),
        { 'write some': 2, 'write some index by-k': 1 },
      ],
    ] as const;
    for (const [step, consumed] of steps) expect(withoutStored(await consumedBy(step))).toEqual(consumed);
    expect(await tally.during(async () => {}, 20)).toEqual({});
  });

  it('rejects operations that have no price, and lists them', async () => {
    const Put = { TableName, Item: { id: '3' } };
    expect(
      await consumedBy(() => client.send(new TransactWriteCommand({ TransactItems: [{ Put }] }))),
    ).toEqual({});
    await client.send(new DeleteTableCommand({ TableName: 'none' })).catch(() => {});
    expect(metered.unknown).toEqual(new Set(['TransactWriteItems', 'DeleteTable']));
  });
});
