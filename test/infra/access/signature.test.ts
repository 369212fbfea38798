import { createHash, createHmac } from 'node:crypto';
import { Readable } from 'node:stream';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  accessKeyIdOf,
  accessKeys,
  newCredentials,
  secretOf,
} from '../../../infra/local/access/credentials.ts';
import { verifySignature } from '../../../infra/local/access/signature.ts';
import type { CallRequest } from '../../../infra/local/iam/requested-access.ts';
import { capturedClients } from '../iam/captured.ts';

const { dynamodb, sqs, s3, events, sent, endpoint, stop } = await capturedClients('worker');
afterAll(stop);

/** The captured clients' secret by their access key. */
const known = (accessKeyId: string) => (accessKeyId === accessKeyIdOf('worker') ? 'local' : undefined);
const AT = { Bucket: 'drops', Key: "drops/A B/ü+1%&='(x)!*~.ndjson" };

const CALLS: [string, () => Promise<unknown>][] = [
  ['DynamoDB', () => dynamodb.send(new PutCommand({ TableName: 't', Item: { id: 'ü', text: '😀' } }))],
  [
    'SQS',
    () => sqs.send(new SendMessageCommand({ QueueUrl: `${endpoint}/000000000000/q`, MessageBody: 'ü' })),
  ],
  [
    'EventBridge',
    () => events.send(new PutEventsCommand({ Entries: [{ Source: 's', DetailType: 'd', Detail: '{}' }] })),
  ],
  ['S3 GET', () => s3.send(new GetObjectCommand({ ...AT, Range: 'bytes=0-9' }))],
  ['S3 PUT', () => s3.send(new PutObjectCommand({ ...AT, Body: 'ü', Metadata: { name: 'a  b' } }))],
  ['S3 PUT of nothing', () => s3.send(new PutObjectCommand({ ...AT, Body: '' }))],
  [
    'S3 PUT of a stream',
    () =>
      s3.send(new PutObjectCommand({ ...AT, Body: Readable.from([Buffer.from('ab')]), ContentLength: 2 })),
  ],
  [
    'S3 listing',
    () =>
      s3.send(new ListObjectsV2Command({ Bucket: 'drops', Prefix: 'a b/ü+', Delimiter: '/', MaxKeys: 2 })),
  ],
];

describe('a request signed by the SDK', () => {
  it.each(CALLS)('to %s is accepted', async (_, act) => {
    for (const request of await sent(act)) expect(await verifySignature(request, known)).toBeUndefined();
  });

  it.each(CALLS)('to %s is rejected after a change of any signed part', async (_, act) => {
    const [request] = await sent(act);
    const isSigned = /^[\da-f]{64}$/.test(String(request!.headers['x-amz-content-sha256']));
    const changes: Partial<CallRequest>[] = [
      { method: 'DELETE' },
      { url: `${request!.url}x` },
      ...(isSigned ? [{ body: Buffer.concat([request!.body, Buffer.from(' ')]) }] : []),
      { headers: { ...request!.headers, host: 'localhost' } },
      { headers: { ...request!.headers, 'x-amz-date': '20200101T000000Z' } },
      { headers: { ...request!.headers, authorization: request!.headers.authorization!.replace(/.$/, '!') } },
      ...signedHeadersOf(request!).map((name) => ({ headers: { ...request!.headers, [name]: 'other' } })),
      ...signedHeadersOf(request!).map((name) => ({ headers: { ...request!.headers, [name]: undefined } })),
    ];
    for (const change of changes)
      expect(await verifySignature({ ...request!, ...change }, known), JSON.stringify(change)).toBe(
        'InvalidSignatureException',
      );
  });

  it('gets a separate error for a wrong signature, an unknown key and no signature', async () => {
    const [request] = await sent(CALLS[0]![1]);
    expect(await verifySignature(request!, () => 'other')).toBe('InvalidSignatureException');
    expect(await verifySignature(request!, () => undefined)).toBe('UnrecognizedClientException');
    const { authorization: _, ...headers } = request!.headers;
    expect(await verifySignature({ ...request!, headers }, known)).toBe(
      'MissingAuthenticationTokenException',
    );
  });

  it('is accepted with any object key and query', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
    // The client itself normalizes path segments of dots.
    const key = text.filter((part) => !/^[./]+$/.test(part));
    await fc.assert(
      fc.asyncProperty(key, text, async (Key, Prefix) => {
        for (const act of [
          () => s3.send(new GetObjectCommand({ Bucket: 'drops', Key: `a${Key}` })),
          () => s3.send(new ListObjectsV2Command({ Bucket: 'drops', Prefix })),
        ]) {
          const [request] = await sent(act);
          expect(await verifySignature(request!, known)).toBeUndefined();
        }
      }),
      { numRuns: 50 },
    );
  });
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/**
 * Signs a request's headers and the hash of its body for the worker (source: AWS, "Create a signed AWS API request"). `day` is the one in
 * the credential.
 */
function signedFor(
  service: string,
  headers: Record<string, string>,
  { isHostSigned = true, bodyHash = sha256('{}'), day = '20260102' } = {},
): CallRequest {
  const all: Record<string, string> = { host: '127.0.0.1', 'x-amz-date': '20260102T030405Z', ...headers };
  const names = Object.keys(all)
    .filter((name) => isHostSigned || name !== 'host')
    .sort();
  const lines = names.map((name) => `${name}:${all[name]}\n`).join('');
  const canonical = ['POST', '/', '', lines, names.join(';'), bodyHash].join('\n');
  const scope = ['20260102', 'ap-southeast-2', service, 'aws4_request'];
  const key = scope.reduce<string | Buffer>(hmac, 'AWS4local');
  const toSign = ['AWS4-HMAC-SHA256', all['x-amz-date'], scope.join('/'), sha256(canonical)].join('\n');
  const credential = [accessKeyIdOf('worker'), day, ...scope.slice(1)].join('/');
  const signature = hmac(key, toSign).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { method: 'POST', url: '/', headers: { ...all, authorization }, body: Buffer.from('{}') };
}

describe('a request with a right signature', () => {
  const hash = (value: string) => ({ 'x-amz-content-sha256': value });
  const UNSIGNED = 'UNSIGNED-PAYLOAD';

  it.each([
    ['DynamoDB, without a header for the hash', signedFor('dynamodb', {})],
    ['DynamoDB, with that header', signedFor('dynamodb', hash(sha256('{}')))],
    ['S3, with the hash', signedFor('s3', hash(sha256('{}')))],
    ['S3, with an unsigned body', signedFor('s3', hash(UNSIGNED), { bodyHash: UNSIGNED })],
  ])('to %s, is accepted', async (_, request) => {
    expect(await verifySignature(request, known)).toBeUndefined();
  });

  it.each([
    ['that leaves out the host', signedFor('dynamodb', {}, { isHostSigned: false })],
    ['whose credential is for another day', signedFor('dynamodb', {}, { day: '20260101' })],
    ['that leaves out the body, except to S3', signedFor('sqs', hash(UNSIGNED), { bodyHash: UNSIGNED })],
    ['to S3 without the hash of the body', signedFor('s3', {})],
    ['with the hash of another body', signedFor('s3', hash(sha256('x')), { bodyHash: sha256('x') })],
  ])('is rejected if it is one %s', async (_, request) => {
    expect(await verifySignature(request, known)).toBe('InvalidSignatureException');
  });
});

const signedHeadersOf = ({ headers }: CallRequest): string[] =>
  /SignedHeaders=([^,]+)/.exec(headers.authorization!)![1]!.split(';');

describe('credentials', () => {
  it('have the format of AWS, as DynamoDB Local requires, and are unique', () => {
    const { operator, functions } = accessKeys(['drop-planner', 'worker']);
    const all = [operator, newCredentials(), ...Object.values(functions)];
    for (const { accessKeyId, secretAccessKey } of all) {
      expect(accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
      expect(secretAccessKey).toMatch(/^[\w+/]{40}$/);
    }
    expect(new Set(all.map(({ accessKeyId }) => accessKeyId)).size).toBe(4);
    expect(new Set(all.map(({ secretAccessKey }) => secretAccessKey)).size).toBe(4);
    expect(accessKeys(['worker']).functions['worker']!.secretAccessKey).not.toBe(
      functions['worker']!.secretAccessKey,
    );
  });

  it('are found by their access key only', () => {
    const keys = accessKeys(['worker']);
    expect(secretOf(keys, keys.operator.accessKeyId)).toBe(keys.operator.secretAccessKey);
    expect(secretOf(keys, accessKeyIdOf('worker'))).toBe(keys.functions['worker']!.secretAccessKey);
    expect(secretOf(keys, accessKeyIdOf('other'))).toBeUndefined();
    expect(secretOf(keys, 'constructor')).toBeUndefined();
  });
});
