import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeEndpoints } from '../../infra/local/state-folder.ts';
import { dropStatus, readOptions } from '../../scripts/drop-status.ts';
import { dropBucket } from '../support/drops.ts';
import { startTestHost, type TestHost } from '../support/host.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';

const state = mkdtempSync(join(tmpdir(), 'supply-point-import-drop-status-'));
let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
  writeEndpoints(state, { ...host.endpoints, token: host.token, viewerToken: host.viewerToken });
});
afterAll(async () => {
  await host.stop();
  rmSync(state, { recursive: true, force: true });
});

const run = async (...args: string[]) => {
  const options = readOptions([...args, '--state', state]);
  return JSON.parse(await dropStatus(options));
};

it('prints the progress of a drop with imports in progress', async () => {
  const bucket = dropBucket(host);
  const name = 'TEST_SUPPLIER/followed.ndjson';
  // It waits for its window, so that the drop has not ended.
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const rows = [
    guideRequest({ identifier: identifierNumber(1) }),
    guideRequest({ identifier: identifierNumber(2), taskParameters: { schedule_window_start: later } }),
    { payload: {} },
  ];
  await bucket.drop(name, rows.map((row) => JSON.stringify(row)).join('\n'));
  await bucket.summaryOf(name, ['IMPORTING']);
  expect(await run(name)).toMatchObject({
    key: `drops/${name}`,
    state: 'IMPORTING',
    problem: null,
    parts: { read: 1, of: 1 },
    rows: { read: 3, accepted: 2, invalid: 1 },
  });
  bucket.client.destroy();
});

describe('npm run drop-status', () => {
  it('reports a missing file', async () => {
    await expect(run('TEST_SUPPLIER/none.ndjson')).rejects.toThrow(
      'There is no file drops/TEST_SUPPLIER/none.ndjson.',
    );
  });

  it.each([
    [['none.ndjson'], 'Name one file as <import supplier>/<name>'],
    [['A/b.csv', 'A/c.csv'], 'Name one file as <import supplier>/<name>'],
    [['A/b.csv', '--table', 'some'], 'needs both --bucket and --table'],
    [['A/b.csv', '--wrong'], 'Unknown option'],
  ])('rejects the arguments %j with the reason', async (args, why) => {
    await expect(run(...args)).rejects.toThrow(why);
  });
});
