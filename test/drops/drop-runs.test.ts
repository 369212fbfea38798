import { PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { type Drop, dropId, noFinalStates } from '../../shared/drops/drop.ts';
import { reportDrop } from '../../shared/drops/finish-drop.ts';
import { BATCH_ROWS_MAX, FIRST_BATCH_ROWS_MAX } from '../../shared/drops/formats/batches.ts';
import { objectStore } from '../../shared/drops/objects.ts';
import { newDrop } from '../../shared/drops/plan-drop.ts';
import { type DropTask, dropQueue } from '../../shared/drops/queue.ts';
import { readPart } from '../../shared/drops/reading/read-part.ts';
import { dropStore } from '../../shared/drops/store.ts';
import { storesOf } from '../imports/stores.ts';
import { type DropBucket, withDropHost } from '../support/drops.ts';
import type { TestHost } from '../support/host.ts';
import { FOREVER } from '../support/lifetime.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';

let host: TestHost;
let bucket: DropBucket;
withDropHost((started) => {
  ({ host, bucket } = started);
});

it('a late run of the report task does not replace the final report with an older one', async () => {
  const name = 'TEST_SUPPLIER/late.ndjson';
  const rows = [identifierNumber(750_000), '4999000001'].map((identifier) => guideRequest({ identifier }));
  await bucket.drop(name, rows.map((row) => JSON.stringify(row)).join('\n'));
  const summary = await bucket.summaryOf(name, ['ENDED']);
  const failed = await bucket.failedOf(name);
  expect(failed).toMatchObject([{ line: 2, outcome: 'errored' }]);

  const objects = objectStore(bucket.client);
  const drops = dropStore(host.dynamodb, host.endpoints.tables['drop-records']!, FOREVER);
  const { source } = (await objects.head(bucket.Bucket, `drops/${name}`))!;
  const ended = (await drops.get(dropId(source)))!;
  const queue = dropQueue(host.sqs, host.endpoints.queues['drop-tasks']!);
  // The state that the late run has read before another run wrote the first report.
  let outdated: Drop | undefined = {
    ...ended,
    ...noFinalStates(),
    state: 'READING',
    parts_followed: new Set(),
  };
  const get = async (id: string): Promise<Drop | undefined> => {
    const before = outdated;
    outdated = undefined;
    return before ?? drops.get(id);
  };
  await reportDrop({ drops: { ...drops, get }, objects, queue })(ended.id, Date.now());
  expect(outdated).toBeUndefined();
  expect(await bucket.summaryOf(name, ['ENDED'])).toEqual(summary);
  expect(await bucket.failedOf(name)).toEqual(failed);
});

/** Stores a file and a drop of it that the planner does not know, and returns a run of its reader. */
async function unplanned(name: string, body: string) {
  const put = (Body: string) =>
    bucket.client.send(new PutObjectCommand({ Bucket: bucket.Bucket, Key: `unplanned/${name}`, Body }));
  await put(body);
  const objects = objectStore(bucket.client);
  const drops = dropStore(host.dynamodb, host.endpoints.tables['drop-records']!, FOREVER);
  const { source, sizeBytes } = (await objects.head(bucket.Bucket, `unplanned/${name}`))!;
  const drop = { ...newDrop(source, sizeBytes, sizeBytes, Date.now()), import_supplier: 'TEST_SUPPLIER' };
  await drops.create(drop);
  const { imports, nowhere } = storesOf(host);
  const read = async (task: DropTask, remainingMs: () => number) => {
    const sent: DropTask[] = [];
    const queue = { send: async (_: string, tasks: readonly DropTask[]) => void sent.push(...tasks) };
    const others = { imports, importQueue: nowhere, timeZone: 'UTC', streamPartRows: 1e9 };
    const run = { now: Date.now, run: `run-${sent.length}`, remainingMs };
    if (task.task !== 'stream') throw new Error(task.task);
    const outcome = await readPart({ drops, objects, queue, ...others })(task, run);
    return { outcome, sent: sent.filter((each) => each.task === 'stream') };
  };
  const first: DropTask = { task: 'stream', drop: drop.id, part: 0, offset: 0, line: 1 };
  return { put, drops, drop, read, first };
}

describe('a run that reads a stream', () => {
  /** Invalid rows of two bytes. */
  const rows = (count: number): string => `[${Array(count).fill(1).join(',')}]`;

  it('enqueues the rest when less than a quarter of its time remains, and the next run reads it', async () => {
    const { read: run, first, drops, drop } = await unplanned('long.json', rows(2 * BATCH_ROWS_MAX));
    // At its start, and after each batch.
    const remaining = [1000, 250, 249];
    const { outcome, sent } = await run(first, () => remaining.shift() ?? 0);
    const read = FIRST_BATCH_ROWS_MAX + BATCH_ROWS_MAX;
    expect(outcome).toMatchObject({ parts: 1, rows: read });
    const offset = 2 * read;
    expect(sent).toEqual([{ task: 'stream', drop: drop.id, part: 1, offset, line: expect.any(Number) }]);

    const next = await run(sent[0]!, () => 1000);
    expect(next).toMatchObject({ outcome: { parts: 1, rows: 2 * BATCH_ROWS_MAX - read }, sent: [] });
    expect(await drops.get(drop.id)).toMatchObject({ parts_total: 2, invalid: 2 * BATCH_ROWS_MAX });
  });

  it('reads the whole stream while a quarter of its time remains', async () => {
    const { read, first } = await unplanned('short.json', rows(3 * BATCH_ROWS_MAX));
    let remaining = 1000;
    const remainingMs = () => {
      const before = remaining;
      remaining = 250;
      return before;
    };
    expect(await read(first, remainingMs)).toMatchObject({
      outcome: { parts: 1, rows: 3 * BATCH_ROWS_MAX },
      sent: [],
    });
  });

  it('reads no row of a file that was replaced, and reports that', async () => {
    const { put, read, first, drops, drop } = await unplanned('replaced.json', rows(1));
    await put(rows(2));
    expect(await read(first, () => 1000)).toMatchObject({ outcome: { parts: 1, rows: 0 }, sent: [] });
    expect(await drops.get(drop.id)).toMatchObject({ rows: 0, problem: { code: 'replaced' } });
  });
});
