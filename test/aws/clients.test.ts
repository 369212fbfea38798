import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, expect, it, vi } from 'vitest';
import { s3 } from '../../shared/aws/clients.ts';

afterEach(() => vi.unstubAllEnvs());

/** Host and path of a request for an object, which is not sent. */
async function addressed(): Promise<string> {
  vi.stubEnv('AWS_REGION', 'ap-southeast-2');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  const client = s3();
  let address = '';
  client.middlewareStack.add(
    () => async (args) => {
      const { hostname, path } = args.request as { hostname: string; path: string };
      address = `${hostname}${path}`;
      throw new Error('Not sent.');
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  await expect(client.send(new GetObjectCommand({ Bucket: 'some-bucket', Key: 'a' }))).rejects.toThrow(
    'Not sent.',
  );
  client.destroy();
  return address;
}

it('S3 in AWS is addressed by the bucket’s own host name', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL_S3', undefined);
  expect(await addressed()).toBe('some-bucket.s3.ap-southeast-2.amazonaws.com/a');
});

it('an emulator of S3 is addressed by paths, because its buckets have no host names', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL_S3', 'http://127.0.0.1:9000');
  expect(await addressed()).toBe('127.0.0.1/some-bucket/a');
});
