import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Drop, dropId, noFinalStates } from '../../shared/drops/drop.ts';
import { reportDrop } from '../../shared/drops/finish-drop.ts';
import { objectStore } from '../../shared/drops/objects.ts';
import { dropStore } from '../../shared/drops/store.ts';
import { dropBucket } from '../support/drops.ts';
import { startTestHost, type TestHost } from '../support/host.ts';
import { FOREVER } from '../support/lifetime.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';

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
  await reportDrop({ drops: { ...drops, get }, objects })(ended.id, Date.now());
  expect(outdated).toBeUndefined();
  expect(await bucket.summaryOf(name, ['ENDED'])).toEqual(summary);
  expect(await bucket.failedOf(name)).toEqual(failed);
});
