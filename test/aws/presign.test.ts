import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { presign } from '../../shared/aws/presign.ts';

const client = new S3Client({
  region: 'ap-southeast-2',
  credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
});
const now = Date.parse('2026-07-26T01:02:03Z');

describe('a presigned URL', () => {
  it('encodes every character that a signature does not leave as it is', async () => {
    const disposition = "attachment; filename*=UTF-8''it(s)_a!file*.csv";
    const command = new GetObjectCommand({
      Bucket: 'drops',
      Key: 'reports/a b/é+.csv',
      ResponseContentDisposition: disposition,
    });
    const { url } = await presign(client, command, { seconds: 60, now });
    const { pathname, search, searchParams } = new URL(url);
    expect(pathname).toBe('/reports/a%20b/%C3%A9%2B.csv');
    expect(search).toMatch(/^\?([\w.~-]|%[0-9A-F]{2}|[&=])+$/);
    expect(searchParams.get('response-content-disposition')).toBe(disposition);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      'X-Amz-Date': '20260726T010203Z',
      'X-Amz-Expires': '60',
      'X-Amz-SignedHeaders': 'host',
      'X-Amz-Credential': 'AKIAEXAMPLE/20260726/ap-southeast-2/s3/aws4_request',
    });
  });

  it('signs the headers that must be sent unchanged, and only these', async () => {
    const command = new PutObjectCommand({
      Bucket: 'drops',
      Key: 'x',
      ContentLength: 7,
      ContentType: 'text/csv',
    });
    const signed = ['content-length', 'content-type'];
    const { url, headers } = await presign(client, command, { seconds: 60, now, signed });
    expect(headers).toEqual({ 'content-length': '7', 'content-type': 'text/csv' });
    expect(new URL(url).searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;content-type;host');
    const other = await presign(client, new PutObjectCommand({ ...command.input, ContentLength: 8 }), {
      seconds: 60,
      now,
      signed,
    });
    expect(other.url).not.toBe(url);
  });
});
