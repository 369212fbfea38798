import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { s3 } from '../../shared/aws/clients.ts';
import { dropSource } from '../../shared/drops/drop.ts';
import { DropReplaced, objectStore } from '../../shared/drops/objects.ts';
import { serverOf } from '../aws/json-service.ts';

beforeEach(() => {
  vi.stubEnv('AWS_REGION', 'ap-southeast-2');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterEach(() => vi.unstubAllEnvs());

const SOURCE = dropSource('drops', 'drops/A/a.ndjson', 'first', new Date(0));

/** A bucket that responds to the n-th request with the n-th status and ETag, whatever the request's condition. `asked` has the conditions. */
async function bucketOf(...responses: readonly { status: number; etag?: string; code?: string }[]) {
  const asked: (string | undefined)[] = [];
  const server = await serverOf((request, response) => {
    const { status, etag, code } = responses[asked.length]!;
    asked.push(request.headers['if-match']);
    response.writeHead(status, etag === undefined ? {} : { etag });
    response.end(code === undefined ? 'bytes' : `<Error><Code>${code}</Code></Error>`);
  });
  vi.stubEnv('AWS_ENDPOINT_URL_S3', server.url);
  return { asked, objects: objectStore(s3()), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += Buffer.from(chunk).toString();
  return text;
}

describe('a dropped object', () => {
  it('is read on the condition that its ETag is that of the drop', async () => {
    await using bucket = await bucketOf({ status: 200, etag: '"first"' });
    expect(await textOf(bucket.objects.whole(SOURCE))).toBe('bytes');
    expect(bucket.asked).toEqual(['"first"']);
  });

  it.each([
    ['S3 finds another ETag', { status: 412, code: 'PreconditionFailed' }],
    ['it was deleted', { status: 404, code: 'NoSuchKey' }],
    [
      'the response has another ETag, because the store ignores the condition',
      { status: 200, etag: '"second"' },
    ],
  ])('is not read if %s', async (_, response) => {
    await using bucket = await bucketOf(response);
    await expect(textOf(bucket.objects.whole(SOURCE))).rejects.toThrow(DropReplaced);
  });

  it('is not read further if it is replaced between two requests', async () => {
    await using bucket = await bucketOf({ status: 200, etag: '"first"' }, { status: 200, etag: '"second"' });
    const chunks = bucket.objects.from(SOURCE, 0, 5, 10);
    expect(Buffer.from((await chunks.next()).value!).toString()).toBe('bytes');
    await expect(chunks.next()).rejects.toThrow(DropReplaced);
  });

  it('whose store fails is not taken for a replaced one', async () => {
    await using bucket = await bucketOf({ status: 403, code: 'AccessDenied' });
    await expect(textOf(bucket.objects.whole(SOURCE))).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});
