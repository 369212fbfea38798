import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Drop } from '../../shared/drops/drop.ts';
import { objectStore } from '../../shared/drops/objects.ts';
import { keepWork } from '../../shared/drops/work.ts';
import { dropBucket } from '../support/drops.ts';
import { startTestHost, type TestHost } from '../support/host.ts';

let host: TestHost;
let bucket: ReturnType<typeof dropBucket>;
beforeAll(async () => {
  host = await startTestHost();
  bucket = dropBucket(host);
});
afterAll(async () => {
  bucket.client.destroy();
  await host.stop();
});

it.each([
  ['lists all rows up to its limit', 'a', 10, 10_000, 10, undefined],
  ['lists no more rows than its limit allows, and says so', 'b', 10, 500, 4, 'failed_rows_not_listed'],
])('a part %s', async (_, id, rows, bytesMax, listed, problem) => {
  const drop = { id, bucket: bucket.Bucket } as Drop;
  const work = keepWork(objectStore(bucket.client), drop, { part: 0, run: 'run' }, bytesMax);
  for (let line = 1; line <= rows; line += 1) {
    await work.add(line, line * 10, { kind: 'invalid', errors: { accounts: ['x'.repeat(50)] } });
  }
  expect((await work.close([]))?.code).toBe(problem);
  const lines = (await bucket.text(`parts/${id}/000000-run.failed`)).split('\n').filter(Boolean);
  expect(lines.map((line) => Number(line.split('\t')[0]))).toStrictEqual(
    Array.from({ length: listed }, (_, index) => index + 1),
  );
});
