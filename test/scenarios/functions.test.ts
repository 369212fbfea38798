import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context, SQSEvent } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type EventChange, invoke } from '../edge/invoke.ts';
import { keyOf, storesOf } from '../imports/stores.ts';
import { startTestHost, type TestHost } from '../support/host.ts';
import { guideRequest } from '../support/requests.ts';

let host: TestHost;
/** A queue without consumers, so that only the functions loaded here process its messages. */
let queueUrl: string;
beforeAll(async () => {
  host = await startTestHost();
  const { QueueUrl } = await host.sqs.send(new CreateQueueCommand({ QueueName: 'rehearsed' }));
  // Not every machine resolves the host name in the queue's URL.
  queueUrl = host.endpoints.sqs + new URL(QueueUrl!).pathname;
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => host.stop());

const context = {
  functionName: 'test',
  awsRequestId: 'request',
  getRemainingTimeInMillis: () => 10_000,
} as Context;

/** Loads a fresh copy of a function, with the environment variables of the template and these. */
async function load(name: 'create' | 'worker' | 'scenarios', variables: Record<string, string | undefined>) {
  const { dynamodb, sqs, eventbridge, tables, buses, credentials } = host.endpoints;
  const all = {
    AWS_REGION: 'ap-southeast-2',
    // Not a function's credentials, which do not permit sending to a queue outside the template.
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
    AWS_ENDPOINT_URL_SQS: sqs,
    AWS_ENDPOINT_URL_EVENTBRIDGE: eventbridge,
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    IMPORTS_TABLE: tables['import-processes'],
    SUPPLY_POINTS_TABLE: tables['supply-points'],
    REGISTRY_TABLE: tables['registry'],
    OUTCOMES_BUS: buses['outcomes'],
    DROPS_TABLE: tables['drop-records'],
    IMPORTS_QUEUE_URL: queueUrl,
    LEASE_SECONDS: '20',
    TIME_ZONE: 'Australia/Sydney',
    METRICS_NAMESPACE: 'test',
    SCENARIOS_ALLOWED: 'true',
    ...variables,
  };
  for (const [variable, value] of Object.entries(all)) vi.stubEnv(variable, value);
  vi.resetModules();
  if (name === 'scenarios') return (await import('../../functions/scenarios.ts')).handler;
  return name === 'create'
    ? (await import('../../functions/create.ts')).handler
    : (await import('../../functions/worker.ts')).handler;
}

async function create(identifier: string, variables: Record<string, string | undefined> = {}, change = {}) {
  const handler = await load('create', variables);
  const event = {
    httpMethod: 'POST',
    resource: '/v2/data-import/supply-points',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...guideRequest({ identifier }), ...change }),
    isBase64Encoded: false,
    requestContext: {
      requestId: 'request',
      authorizer: { role: 'importer', suppliers: JSON.stringify({ TEST_SUPPLIER: 'open' }) },
    },
  } as unknown as APIGatewayProxyEvent;
  const run = handler as unknown as (event: unknown, context: Context) => Promise<APIGatewayProxyResult>;
  const { statusCode, headers, body } = await run(event, context);
  return { statusCode, headers, body: JSON.parse(body) };
}

async function work(identifier: string, variables: Record<string, string | undefined> = {}) {
  const handler = await load('worker', variables);
  const message = { import_supplier: 'TEST_SUPPLIER', external_identifier: identifier, attempt: 1 };
  const event = { Records: [{ messageId: 'message', body: JSON.stringify(message) }] } as SQSEvent;
  const run = handler as unknown as (event: unknown, context: Context) => Promise<unknown>;
  expect(await run(event, context)).toEqual({ batchItemFailures: [] });
  return (await storesOf(host).imports.get(keyOf(identifier)))!;
}
const recorded = async (identifier: string) => storesOf(host).imports.get(keyOf(identifier));

describe('create, where scenarios are allowed,', () => {
  it.each([
    [
      '4999500029',
      429,
      { detail: 'Request was throttled. Expected available in 30 seconds.', code: 'throttled' },
      { 'Retry-After': '30' },
    ],
    ['4999500053', 503, { detail: 'A server error occurred.', code: 'error' }, {}],
  ])('rejects %s with %i, and writes nothing', async (identifier, status, body, headers) => {
    const answer = await create(identifier);
    expect(answer).toMatchObject({ statusCode: status, body, headers });
    expect(answer.headers).toMatchObject({ 'Content-Type': 'application/json' });
    expect(await recorded(identifier)).toBeUndefined();
  });

  it('rejects an invalid request with 400 before it applies scenarios', async () => {
    const wrong = await create('4999500029', {}, { payload: {} });
    expect(wrong.statusCode).toBe(400);
  });

  it('accepts identifiers without a rule that rejects', async () => {
    expect(await create('4999500001')).toMatchObject({ statusCode: 201, body: {} });
    expect(await recorded('4999500001')).toMatchObject({ status: 'PENDING' });
  });
});

describe('the worker, where scenarios are allowed,', () => {
  it('ends an import with the rule’s error', async () => {
    await storesOf(host).submit('4999600002', Date.now());
    expect(await work('4999600002')).toMatchObject({
      status: 'ERRORED',
      latest_error: { code: 'account_import_failed', domain: 'account_import' },
    });
    expect(await host.supplyPointCount(['4999600002'])).toBe(0);
  });

  it('sends the message of a delayed import again with a delay', async () => {
    await storesOf(host).submit('4999600006', Date.now());
    expect(await work('4999600006')).toMatchObject({ status: 'PENDING' });
    const query = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] });
    expect((await host.sqs.send(query)).Attributes).toMatchObject({
      ApproximateNumberOfMessagesDelayed: '1',
    });
    const received = async () => {
      const receive = new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 });
      return (await host.sqs.send(receive)).Messages?.map(
        ({ Body }) => JSON.parse(Body!).external_identifier,
      );
    };
    await expect.poll(received, { timeout: 10_000 }).toContain('4999600006');
    expect(await work('4999600006')).toMatchObject({ status: 'PROCESSED' });
  });
});

describe.each([undefined, 'false', '1', 'TRUE'])('with SCENARIOS_ALLOWED %s', (allowed) => {
  const off = { SCENARIOS_ALLOWED: allowed };
  const number = { undefined: 1, false: 2, '1': 3, TRUE: 4 }[String(allowed)];

  it('create ignores scenarios, and needs no registry', async () => {
    const identifier = `499970${number}029`;
    expect(await create(identifier, { ...off, REGISTRY_TABLE: undefined })).toMatchObject({
      statusCode: 201,
    });
  });

  it('the worker ignores scenarios, and needs no queue', async () => {
    const identifier = `499970${number}001`;
    await storesOf(host).submit(identifier, Date.now());
    const record = await work(identifier, { ...off, IMPORTS_QUEUE_URL: undefined });
    expect(record).toMatchObject({ status: 'PROCESSED' });
  });
});

describe('the function that changes scenarios', () => {
  const resource = '/v2/data-import/supply-points/{supplier}/scenarios';
  const request = async (change: EventChange) => {
    const handler = await load('scenarios', { SCENARIOS_ALLOWED: undefined, ENVIRONMENT_NAME: 'prod' });
    const authorizer = { role: 'operator', suppliers: '{"TEST_SUPPLIER":"open"}' };
    return invoke(handler, { resource, authorizer, ...change });
  };

  it.each(['PUT', 'DELETE'])(
    'refuses %s with the reason where scenarios are not allowed, and changes nothing',
    async (httpMethod) => {
      const headers = { 'Content-Type': 'application/json' };
      expect(await request({ httpMethod, headers, body: '{"rules":[]}' })).toMatchObject({
        statusCode: 403,
        content: {
          code: 'scenarios_not_allowed',
          detail: 'The environment prod does not allow scenarios.',
        },
      });
      const { content } = await request({ httpMethod: 'GET' });
      expect(content).toMatchObject({ allowed: false, revision: 1 });
      expect(content.results).not.toEqual([]);
    },
  );
});
