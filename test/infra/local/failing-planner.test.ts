import { DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { dropBucket } from '../../support/drops.ts';
import { startTestHost } from '../../support/host.ts';

const TIMEOUT_MS = 120_000;

it('the host reports a planner that fails', { timeout: TIMEOUT_MS }, async () => {
  const said: string[] = [];
  const host = await startTestHost({ report: (line) => said.push(line) });
  const bucket = dropBucket(host);
  try {
    await host.dynamodb.send(new DeleteTableCommand({ TableName: host.endpoints.tables['drop-records']! }));
    await bucket.drop('TEST_SUPPLIER/any.ndjson', '{}\n');
    await expect
      .poll(() => said, { timeout: TIMEOUT_MS })
      .toContainEqual(expect.stringMatching(/^drop-planner fails: ResourceNotFoundException: /));
  } finally {
    bucket.client.destroy();
    await host.stop();
  }
});
