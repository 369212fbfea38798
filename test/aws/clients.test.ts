import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListEventBusesCommand } from '@aws-sdk/client-eventbridge';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AdaptiveRetryStrategy } from '../../shared/aws/adaptive-retry-strategy.ts';
import { adaptiveDynamoDB, dynamoDB, eventBridge, s3, sqs } from '../../shared/aws/clients.ts';
import { jsonService, serverOf } from './json-service.ts';

afterEach(() => vi.unstubAllEnvs());

/** Returns the host and path of a request for an object, without sending it. */
async function addressed(): Promise<string> {
  vi.stubEnv('AWS_REGION', 'ap-southeast-2');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  const client = s3();
  let address = '';
  client.middlewareStack.add(
    () => async (args) => {
      const { hostname, path } = args.request as { hostname: string; path: string };
      address = `${hostname}${path}`;
      throw new Error('Not sent.');
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  await expect(client.send(new GetObjectCommand({ Bucket: 'some-bucket', Key: 'a' }))).rejects.toThrow(
    'Not sent.',
  );
  client.destroy();
  return address;
}

it('S3 in AWS is addressed by the host name of the bucket', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL_S3', undefined);
  expect(await addressed()).toBe('some-bucket.s3.ap-southeast-2.amazonaws.com/a');
});

it('an emulator of S3 is addressed by path, because its buckets have no host names', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL_S3', 'http://127.0.0.1:9000');
  expect(await addressed()).toBe('127.0.0.1/some-bucket/a');
});

it.each([
  ['DynamoDB', dynamoDB],
  ['DynamoDB that adapts its rate', () => adaptiveDynamoDB(1)],
])('a client of %s leaves undefined attributes out', async (_, client) => {
  await using service = await jsonService(() => ({}));
  await client().send(new GetCommand({ TableName: 'table', Key: { id: 'a', other: undefined } }));
  expect(service.inputs).toEqual([{ TableName: 'table', Key: { id: { S: 'a' } } }]);
});

const requests = () => [
  dynamoDB().send(new ListTablesCommand()),
  sqs().send(new ListQueuesCommand()),
  eventBridge().send(new ListEventBusesCommand()),
];

describe('a request that gets no response', () => {
  it('to DynamoDB, SQS and EventBridge is retried after a time-out', async () => {
    const attempts: Record<string, number> = {};
    await using _service = await jsonService((_, operation) => {
      attempts[operation] = (attempts[operation] ?? 0) + 1;
      return attempts[operation] === 1 ? new Promise<never>(() => {}) : {};
    });
    await Promise.all(requests());
    expect(attempts).toEqual({ ListTables: 2, ListQueues: 2, ListEventBuses: 2 });
  });

  it('fails with TimeoutError after three attempts, while S3 still waits for its first response', async () => {
    await using service = await jsonService(() => new Promise<never>(() => {}));
    const { promise: othersFailed, resolve } = Promise.withResolvers<void>();
    let attempts = 0;
    await using bucket = await serverOf(async (_, response) => {
      attempts += 1;
      await othersFailed;
      response.end('content');
    });
    vi.stubEnv('AWS_ENDPOINT_URL_S3', bucket.url);
    const object = s3().send(new GetObjectCommand({ Bucket: 'some-bucket', Key: 'a' }));

    for (const result of await Promise.allSettled(requests())) {
      expect(result).toMatchObject({ status: 'rejected', reason: { name: 'TimeoutError' } });
    }
    expect(service.inputs).toHaveLength(9);
    resolve();
    expect(await (await object).Body!.transformToString()).toBe('content');
    expect(attempts).toBe(1);
  });
});

it('a connection is given up after one second', async () => {
  await using _service = await jsonService(() => ({}));
  const client = sqs();
  await client.send(new ListQueuesCommand());
  // An address that accepts no connection cannot be had without depending on the machine's network.
  const handler = client.config.requestHandler as unknown as { httpHandlerConfigs(): object };
  expect(handler.httpHandlerConfigs()).toMatchObject({ connectionTimeout: 1000 });
});

it('only the adaptive client lowers its request rate while it is throttled', async () => {
  vi.stubEnv('AWS_REGION', 'ap-southeast-2');
  expect(await adaptiveDynamoDB(10).config.retryStrategy()).toBeInstanceOf(AdaptiveRetryStrategy);
  expect(await dynamoDB().config.retryStrategy()).not.toBeInstanceOf(AdaptiveRetryStrategy);
});
