import type { Context, SQSEvent } from 'aws-lambda';
import { afterEach, expect, it, vi } from 'vitest';
import { type Input, jsonService } from '../aws/json-service.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** An import in the table, in DynamoDB's JSON. Its window has closed long ago. */
const item = (change: object) => ({
  id: { S: 'TEST_SUPPLIER#4001248530' },
  status: { S: 'PENDING' },
  attempt: { N: '1' },
  revision: { N: '1' },
  created_at: { N: '0' },
  modified_at: { N: '0' },
  submitted_at: { N: '0' },
  is_dry_run: { BOOL: false },
  listing: { S: 'TEST_SUPPLIER#OPEN#0' },
  listed_at: { S: '0' },
  history: { L: [] },
  ...change,
});
const message = { import_supplier: 'TEST_SUPPLIER', external_identifier: '4001248530', attempt: 1 };

/** Delivers the message of this import to the function. `update` is DynamoDB's response to a write. */
async function deliver(record: object, update: object) {
  const operations: string[] = [];
  await using _service = await jsonService(({ TableName }: Input, operation) => {
    operations.push(operation);
    const items = { GetItem: TableName === 'imports' ? { Item: record } : {}, UpdateItem: update };
    return { ...items, PutEvents: { FailedEntryCount: 0 } }[operation];
  });
  const settings = {
    IMPORTS_TABLE: 'imports',
    SUPPLY_POINTS_TABLE: 'points',
    OUTCOMES_BUS: 'bus',
    METRICS_NAMESPACE: 'test',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  };
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  // The function reads its settings when it is loaded.
  vi.resetModules();
  const { log } = await import('../../functions/edge/log.ts');
  const [info, error] = [vi.spyOn(log, 'info'), vi.spyOn(log, 'error')];
  const { handler } = await import('../../functions/dead-letter.ts');
  const records = [{ messageId: 'message', receiptHandle: 'handle', body: JSON.stringify(message) }];
  const context = { awsRequestId: 'request', getRemainingTimeInMillis: () => 10_000 } as Context;
  const result = await handler({ Records: records } as unknown as SQSEvent, context);
  const logged = (spy: typeof info | typeof error) => spy.mock.calls.map(([text]) => text);
  return { result, info: logged(info), error: logged(error), operations };
}

const held = { status: { S: 'IN_PROGRESS' }, lease_until: { N: String(Date.now() + 3_600_000) } };
const CONFLICT = { __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException' };

it.each([
  ['while a worker holds the import', item(held), {}, ['GetItem']],
  ['when a concurrent write changed the import', item({}), CONFLICT, ['GetItem', 'GetItem', 'UpdateItem']],
])(
  'the dead-letter function has a message redelivered %s, and logs no error',
  async (_, record, update, operations) => {
    expect(await deliver(record, update)).toEqual({
      result: { batchItemFailures: [{ itemIdentifier: 'message' }] },
      info: ['message put back'],
      error: [],
      operations,
    });
  },
);

it('the dead-letter function deletes the message of an import that it finishes', async () => {
  const update = { Attributes: item({ status: { S: 'ERRORED' } }) };
  expect(await deliver(item({}), update)).toMatchObject({
    result: { batchItemFailures: [] },
    error: ['import exhausted its deliveries'],
    operations: expect.arrayContaining(['UpdateItem', 'PutEvents']),
  });
});
