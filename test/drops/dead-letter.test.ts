import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environmentNamed } from '../../infra/environments.ts';
import { handleDeadLetter } from '../../shared/drops/dead-letter.ts';
import { dropId } from '../../shared/drops/drop.ts';
import { objectStore } from '../../shared/drops/objects.ts';
import { dropStore } from '../../shared/drops/store.ts';
import { dropBucket } from '../support/drops.ts';
import { startTestHost, type TestHost } from '../support/host.ts';
import { FOREVER } from '../support/lifetime.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';
import { appOf } from '../support/synthesize.ts';

const DEV = environmentNamed('dev');
/** Small ranges of a few rows. */
const ENVIRONMENT = { ...DEV, drops: { ...DEV.drops, rangeMiB: 1 / 200 } };

const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-dead-letter-'));
let host: TestHost;
let bucket: ReturnType<typeof dropBucket>;
beforeAll(async () => {
  appOf(ENVIRONMENT, { outdir: folder }).synth();
  host = await startTestHost({ assembly: folder });
  bucket = dropBucket(host);
});
afterAll(async () => {
  bucket.client.destroy();
  await host.stop();
  rmSync(folder, { recursive: true });
});

let files = 0;

/** A drop with several parts. The first part has an import that is scheduled in an hour; the last part has an errored import. */
async function importingDrop() {
  files += 1;
  const name = `TEST_SUPPLIER/given-up-${files}.ndjson`;
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const rows = Array.from({ length: 9 }, (_, index) =>
    guideRequest({ identifier: identifierNumber(740_000 + 10 * files + index) }),
  );
  const waiting = guideRequest({
    identifier: identifierNumber(740_009 + 10 * files),
    taskParameters: { schedule_window_start: later },
  });
  const errored = `4999${String(files).padStart(4, '0')}01`;
  const lines = [waiting, ...rows, guideRequest({ identifier: errored })];
  await bucket.drop(name, lines.map((line) => JSON.stringify(line)).join('\n'));
  await bucket.summaryOf(name, ['IMPORTING']);
  const drops = dropStore(host.dynamodb, host.endpoints.tables['drop-records']!, FOREVER);
  const id = host
    .logs('drop-planner')
    .join('\n')
    .match(/"drop":"([\w-]{16})"/g)!
    .at(-1)!
    .slice(8, -1);
  const partsFollowed = async () => [...((await drops.get(id))!.parts_followed ?? [])].sort();
  const others = Array.from({ length: (await drops.get(id))!.parts_total! - 1 }, (_, index) => index + 1);
  expect(others.length).toBeGreaterThan(0);
  await expect.poll(partsFollowed, { timeout: 60_000 }).toEqual(others);
  return { name, id, errored, lastLine: lines.length, lastPart: others.at(-1)! };
}

async function sendDeadMessage(message: object): Promise<void> {
  const QueueUrl = host.endpoints.queues['drop-tasks-dead-letter']!;
  await host.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(message) }));
}

describe('a part whose imports could not be followed', () => {
  it('fails the drop; the report lists the errored imports of the other parts', async () => {
    const { name, id, errored, lastLine } = await importingDrop();
    await sendDeadMessage({ task: 'follow', drop: id, part: 0, from: 0, waits: 5 });
    const summary = await bucket.summaryOf(name, ['FAILED'], 60_000);
    expect(summary).toMatchObject({
      problem: { code: 'imports_not_followed', detail: expect.stringContaining('counted as open') },
      rows: { read: lastLine, accepted: lastLine },
      imports: { errored: 1, open: expect.any(Number) },
      most_frequent_errors: [{ outcome: 'errored', count: 1, lines: [lastLine] }],
    });
    expect(summary.imports.open).toBeGreaterThanOrEqual(1);
    expect(summary.imports.processed + summary.imports.open).toBe(lastLine - 1);
    expect(await bucket.failedOf(name)).toMatchObject([
      { line: lastLine, identifier: errored, outcome: 'errored' },
    ]);
  }, 120_000);

  it('fails the drop if the last attempt fails too', async () => {
    const { name, id } = await importingDrop();
    await sendDeadMessage({ task: 'follow', drop: id, part: 0, from: 0, waits: 0, given_up: true });
    expect(await bucket.summaryOf(name, ['FAILED'], 60_000)).toMatchObject({
      problem: { code: 'imports_not_followed' },
    });
  }, 120_000);

  it('does not change the drop if the part was counted before and other parts are open', async () => {
    const { name, id, lastPart } = await importingDrop();
    await sendDeadMessage({ task: 'follow', drop: id, part: lastPart, from: 0, waits: 0 });
    const given = `"given_up":{"task":"follow","drop":"${id}","part":${lastPart}`;
    await expect.poll(() => host.logs('drop-dead-letter').join('\n'), { timeout: 60_000 }).toContain(given);
    expect(await bucket.summaryOf(name, ['IMPORTING'])).toMatchObject({ problem: null });

    // Neither does a second notification of a file that was planned.
    const object = { bucket: { name: bucket.Bucket }, object: { key: `drops/${name}` } };
    await sendDeadMessage({ Records: [{ s3: object }] });
    const notPlanned = '"notPlanned":[null]';
    await expect
      .poll(() => host.logs('drop-dead-letter').join('\n'), { timeout: 60_000 })
      .toContain(notPlanned);
    expect(await bucket.summaryOf(name, ['IMPORTING', 'FAILED'])).toMatchObject({ problem: null });
  }, 120_000);
});

describe('a drop that has ended', () => {
  it.each(['ENDED', 'FAILED', 'REFUSED'] as const)(
    'is not changed by dead messages if it is %s',
    async (state) => {
      const name = state === 'REFUSED' ? 'CLOSED_SUPPLIER/ended.ndjson' : `TEST_SUPPLIER/${state}.ndjson`;
      await bucket.drop(name, '1\n');
      const drops = dropStore(host.dynamodb, host.endpoints.tables['drop-records']!, FOREVER);
      const objects = objectStore(bucket.client);
      await bucket.summaryOf(name, ['ENDED', 'REFUSED']);
      const key = `drops/${name}`;
      const id = dropId((await objects.head(bucket.Bucket, key))!.source);
      // The report is written before the state.
      await expect.poll(async () => (await drops.get(id))?.state).toMatch(/^(ENDED|REFUSED)$/);
      // The corrected file is written after the end.
      if (state !== 'REFUSED')
        await expect.poll(async () => (await drops.get(id))?.corrected_at, { timeout: 60_000 }).toBeDefined();
      if (state === 'FAILED') expect(await drops.move(id, ['ENDED'], 'FAILED', Date.now())).toBe(true);
      const before = { drop: await drops.get(id), summary: await bucket.summaryOf(name) };

      if (state === 'REFUSED') {
        // As if the planner had failed between the record and the report.
        const [Key] = await bucket.reports(name);
        await bucket.client.send(new DeleteObjectCommand({ Bucket: bucket.Bucket, Key }));
      }
      const handle = handleDeadLetter({ drops, objects, queue: { send: async () => {} } });
      const notification = { Records: [{ s3: { bucket: { name: bucket.Bucket }, object: { key } } }] };
      const follow = { task: 'follow', drop: id, part: 0, from: 0, waits: 0, given_up: true };
      for (const message of [{ task: 'report', drop: id }, follow, notification])
        await handle(JSON.stringify(message), Date.now());
      expect({ drop: await drops.get(id), summary: await bucket.summaryOf(name) }).toEqual(before);
    },
  );
});
