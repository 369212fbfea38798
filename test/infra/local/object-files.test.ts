import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { accessKeys } from '../../../infra/local/access/credentials.ts';
import { signedHeaders } from '../../../infra/local/access/signature.ts';
import { startSqsAndS3 } from '../../../infra/local/emulators/sqs-s3.ts';

const keys = accessKeys([]);
const Bucket = 'drops';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'supply-point-import-objects-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Starts S3 on the folder, runs the work and stops it. Returns the lines that the start reported. */
async function withS3(work: (s3: S3Client, endpoint: string) => Promise<void>): Promise<string[]> {
  const reported: string[] = [];
  const emulator = await startSqsAndS3(folder, keys, () => {}, { report: (line) => reported.push(line) });
  emulator.putBucket(Bucket);
  const settings = { endpoint: emulator.endpoint, region: 'ap-southeast-2', credentials: keys.operator };
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  try {
    await work(s3, emulator.endpoint);
  } finally {
    s3.destroy();
    await emulator.stop();
  }
  return reported;
}
const put = (s3: S3Client, Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body }));
const get = async (s3: S3Client, Key: string) =>
  (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToString();
const filesBelow = (ending: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));

it('an upload of zero bytes without a content type is accepted', async () => {
  await withS3(async (s3, endpoint) => {
    const request = { method: 'PUT', url: `${endpoint}/${Bucket}/empty`, headers: {} };
    const headers = await signedHeaders(request, 's3', keys.operator);
    expect((await fetch(request.url, { method: 'PUT', headers })).status).toBe(200);
    expect(await get(s3, 'empty')).toBe('');
  });
});

it('objects keep their contents with keys that are unusual as file names', async () => {
  const names = ['b', 'a/../b', 'a//b', 'a/b', 'a/./b', 'a/b.data', 'a/b.data/c', 'x'.repeat(1000)];
  await withS3(async (s3) => {
    for (const name of names) await put(s3, name, `first ${name}`);
    for (const name of names) await put(s3, name, name);
  });
  expect(
    await withS3(async (s3) => {
      for (const name of names) expect(await get(s3, name)).toBe(name);
    }),
  ).toEqual([]);
  expect(filesBelow('.data')).toHaveLength(names.length);
});

it('after a kill removes partly written objects, reports them, and has every confirmed object', async () => {
  await withS3(async (s3) => {
    await put(s3, 'answered', 'text');
  });
  const objects = join(folder, 'objects', 'buckets', Bucket, 'objects');
  const upload = join(folder, 'objects', '_multipart', 'broken');
  mkdirSync(join(objects, 'zz'), { recursive: true });
  mkdirSync(upload, { recursive: true });
  for (const file of ['zz/half.meta.json', 'zz/half.data', 'zz/other.meta.json.new'])
    writeFileSync(join(objects, file), '');
  writeFileSync(join(upload, '.upload.json'), '');
  writeFileSync(join(folder, 'objects', 'buckets', Bucket, '.bucket.json'), '');
  const reported = await withS3(async (s3) => {
    expect(await get(s3, 'answered')).toBe('text');
    await put(s3, 'later', 'works');
  });
  expect(reported).toEqual([expect.stringMatching(/^S3: 3 files .* are set aside in .*damaged\.$/)]);
  expect(await withS3(async () => {})).toEqual([]);
});

it('objects of earlier versions are kept', async () => {
  const { FileS3Persistence } = await import(
    new URL('s3/fileS3Persistence.js', import.meta.resolve('fauxqs')).href
  );
  const earlier = new FileS3Persistence(join(folder, 'objects'));
  earlier.insertBucket(Bucket, new Date(), 'general-purpose');
  const described = { contentType: 'text/plain', etag: '"e"', lastModified: new Date(), metadata: {} };
  for (const key of ['drops/one.ndjson', 'two'])
    earlier.upsertObject(Bucket, { ...described, key, contentLength: key.length, body: Buffer.from(key) });
  for (let time = 0; time < 2; time += 1) {
    expect(
      await withS3(async (s3) => {
        for (const key of ['drops/one.ndjson', 'two']) expect(await get(s3, key)).toBe(key);
      }),
    ).toEqual([]);
  }
});
