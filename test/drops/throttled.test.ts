import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dropBucket } from '../support/drops.ts';
import { startTestHost, type TestHost } from '../support/host.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';

/** Write units per second, far below the number of rows that any machine reads in a second. */
const UNITS = { table: 30, partition: 30 };
const ROWS = 120;

let host: TestHost;
let bucket: ReturnType<typeof dropBucket>;
beforeAll(async () => {
  host = await startTestHost({ storeUnits: UNITS });
  bucket = dropBucket(host);
});
afterAll(async () => {
  bucket.client.destroy();
  await host.stop();
});

const failures = () => host.logs('drop-reader').filter((line) => line.includes('"message failed"'));

it('a throttled store loses no row, fails no part, and is never written faster than its limit', async () => {
  const identifiers = Array.from({ length: ROWS }, (_, index) => identifierNumber(800_000 + index));
  const lines = identifiers.map((identifier) => JSON.stringify(guideRequest({ identifier })));
  const before = (await host.storeUse())!;
  const begun = Date.now();
  await bucket.drop('TEST_SUPPLIER/throttled.ndjson', lines.join('\n'));
  const summary = await bucket.summaryOf('TEST_SUPPLIER/throttled.ndjson', ['ENDED', 'FAILED'], 150_000);
  const seconds = (Date.now() - begun) / 1000;
  const use = (await host.storeUse())!;

  expect(summary).toMatchObject({
    state: 'ENDED',
    rows: { read: ROWS, accepted: ROWS },
    imports: { processed: ROWS, open: 0 },
  });
  expect(use.throttled).toBeGreaterThan(before.throttled);
  expect(failures().filter((line) => line.includes('ThrottlingException'))).toEqual([]);
  for (const [resource, consumed] of Object.entries(use.consumed)) {
    const units = consumed - (before.consumed[resource] ?? 0);
    // One second's units are available at the start, and the last write may exceed them.
    expect(units, resource).toBeLessThanOrEqual(UNITS.table * (seconds + 2));
  }
}, 180_000);

it('a failed task is redelivered within seconds, before its visibility timeout ends', async () => {
  const body = JSON.stringify({ task: 'follow', drop: 'gone', part: 0, from: 0, waits: 0 });
  const QueueUrl = host.endpoints.queues['drop-tasks']!;
  await host.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
  await expect.poll(() => failures().length, { timeout: 60_000 }).toBeGreaterThanOrEqual(2);
}, 70_000);
