import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environmentNamed } from '../../infra/environments.ts';
import { BATCH_BYTES_MAX } from '../../shared/drops/formats/batches.ts';
import { dropStore } from '../../shared/drops/store.ts';
import { dropBucket } from '../support/drops.ts';
import { startTestHost, type TestHost } from '../support/host.ts';
import { FOREVER } from '../support/lifetime.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';
import { appOf } from '../support/synthesize.ts';

const DEV = environmentNamed('dev');
/** Small parts, to have many of them. */
const ENVIRONMENT = { ...DEV, drops: { ...DEV.drops, rangeMiB: 1 / 200, streamPartRows: 25 } };
/** Delay until the task of a killed reader is redelivered. The task of a slow reader may be redelivered too. */
const VISIBILITY_SECONDS = 3;

const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-kills-'));
const assembly = join(folder, 'assembly');
beforeAll(() => {
  appOf(ENVIRONMENT, { outdir: assembly }).synth();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Rows for a dozen ranges, or for a stream of two parts. */
const ROWS = 60;
/** White space after each row of the stream, which gzip can hardly compress. A part has at least one batch: 32 rows of this length. */
const PADDING = createHash('shake256', { outputLength: BATCH_BYTES_MAX / 64 })
  .digest('hex')
  .replace(/[0-7]/g, ' ')
  .replace(/[8-f]/g, '\t');

/** A file in which every 25th row is invalid. */
function fileOf(
  first: number,
  padding = '',
): { text: string; identifiers: string[]; invalidLines: number[] } {
  const numbers = Array.from({ length: ROWS }, (_, index) => index + 1);
  const isInvalid = (number: number) => number % 25 === 0;
  const lines = numbers.map((number) => {
    const { payload } = guideRequest({ identifier: identifierNumber(first + number) });
    return JSON.stringify({ payload: isInvalid(number) ? { ...payload, accounts: 1 } : payload }) + padding;
  });
  const valid = numbers.filter((number) => !isInvalid(number));
  return {
    text: `${lines.join('\n')}\n`,
    identifiers: valid.map((number) => identifierNumber(first + number)),
    invalidLines: numbers.filter(isInvalid),
  };
}

/** Returns the drop's progress. Its id comes from the planner's log; `partsDone` is -1 until the drop is planned. */
function progressOf(host: TestHost) {
  const drops = dropStore(host.dynamodb, host.endpoints.tables['drop-records']!, FOREVER);
  let id: string | undefined;
  return async (): Promise<{ partsDone: number }> => {
    id ??= /"drop":"([\w-]{16})"/.exec(host.logs('drop-planner').join('\n'))?.[1];
    const drop = id === undefined ? undefined : await drops.get(id);
    return { partsDone: drop === undefined ? -1 : (drop.parts_done?.size ?? 0) };
  };
}

async function expectAllImported(host: TestHost, name: string, file: ReturnType<typeof fileOf>) {
  const bucket = dropBucket(host);
  expect(await bucket.summaryOf(name, ['ENDED', 'FAILED'], 100_000)).toMatchObject({
    state: 'ENDED',
    rows: {
      read: file.identifiers.length + file.invalidLines.length,
      accepted: file.identifiers.length,
      invalid: file.invalidLines.length,
      already_imported: 0,
      in_progress: 0,
      duplicate: 0,
    },
    imports: {
      processed: file.identifiers.length,
      errored: 0,
      dry_run_succeeded: 0,
      dry_run_errored: 0,
      cancelled: 0,
      open: 0,
    },
  });
  const failed = await bucket.failedOf(name);
  expect(failed.map(({ line }) => line)).toEqual(file.invalidLines);
  expect(await host.supplyPointCount(file.identifiers)).toBe(file.identifiers.length);
  bucket.client.destroy();
}

describe('a drop whose readers are killed repeatedly', () => {
  it.each([
    ['in ranges', 'TEST_SUPPLIER/killed.ndjson', fileOf(700_000), [0, 4, 8]],
    ['as a stream', 'TEST_SUPPLIER/killed.ndjson.gz', fileOf(710_000, PADDING), [0, 1]],
  ])(
    'read %s is imported and reported exactly once',
    async (_, name, file, kills) => {
      const host = await startTestHost({ assembly });
      await host.sqs.send(
        new SetQueueAttributesCommand({
          QueueUrl: host.endpoints.queues['drop-tasks'],
          Attributes: { VisibilityTimeout: String(VISIBILITY_SECONDS) },
        }),
      );
      const bucket = dropBucket(host);
      await bucket.drop(name, name.endsWith('.gz') ? gzipSync(file.text) : file.text);
      const progress = progressOf(host);
      for (const partsDone of kills) {
        await expect
          .poll(async () => (await progress()).partsDone, { timeout: 60_000, interval: 50 })
          .toBeGreaterThanOrEqual(partsDone);
        await host.kill('drop-reader');
      }
      await expectAllImported(host, name, file);
      bucket.client.destroy();
      await host.stop();
    },
    120_000,
  );
});

describe('a drop that is interrupted by a stop of the host', () => {
  it('continues after a restart and ends with the same counts', async () => {
    const stateFolder = join(folder, 'state');
    const first = await startTestHost({ assembly, stateFolder });
    const file = fileOf(720_000);
    const bucket = dropBucket(first);
    await bucket.drop('TEST_SUPPLIER/stopped.ndjson', file.text);
    const progress = progressOf(first);
    await expect
      .poll(async () => (await progress()).partsDone, { timeout: 30_000, interval: 50 })
      .toBeGreaterThanOrEqual(2);
    bucket.client.destroy();
    await first.stop();

    const second = await startTestHost({ assembly, stateFolder });
    await expectAllImported(second, 'TEST_SUPPLIER/stopped.ndjson', file);
    await second.stop();
  }, 120_000);
});
