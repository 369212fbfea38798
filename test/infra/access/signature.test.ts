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
import { signatureFault } from '../../../infra/local/access/signature.ts';
import type { CallRequest } from '../../../infra/local/iam/requested-access.ts';
import { capturedClients } from '../iam/captured.ts';

const { dynamodb, sqs, s3, events, sent, endpoint, stop } = await capturedClients('worker');
afterAll(stop);

/** The secret that the captured clients sign with, for the access key that they have. */
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

describe('a request that the real SDK signed', () => {
  it.each(CALLS)('to %s is recognized', async (_, act) => {
    for (const request of await sent(act)) expect(await signatureFault(request, known)).toBeUndefined();
  });

  it.each(CALLS)('to %s is not recognized once anything that is signed was changed', async (_, act) => {
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
      expect(await signatureFault({ ...request!, ...change }, known), JSON.stringify(change)).toBe(
        'InvalidSignatureException',
      );
  });

  it('is told what is wrong with it', async () => {
    const [request] = await sent(CALLS[0]![1]);
    expect(await signatureFault(request!, () => 'other')).toBe('InvalidSignatureException');
    expect(await signatureFault(request!, () => undefined)).toBe('UnrecognizedClientException');
    const { authorization: _, ...headers } = request!.headers;
    expect(await signatureFault({ ...request!, headers }, known)).toBe('MissingAuthenticationTokenException');
  });

  it('is recognized with any key and query', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
    // Dots alone are taken out of a URL by the client itself.
    const key = text.filter((part) => !/^[./]+$/.test(part));
    await fc.assert(
      fc.asyncProperty(key, text, async (Key, Prefix) => {
        for (const act of [
          () => s3.send(new GetObjectCommand({ Bucket: 'drops', Key: `a${Key}` })),
          () => s3.send(new ListObjectsV2Command({ Bucket: 'drops', Prefix })),
        ]) {
          const [request] = await sent(act);
          expect(await signatureFault(request!, known)).toBeUndefined();
        }
      }),
      { numRuns: 50 },
    );
  });
});

const signedHeadersOf = ({ headers }: CallRequest): string[] =>
  /SignedHeaders=([^,]+)/.exec(headers.authorization!)![1]!.split(';');

describe('credentials', () => {
  it('have the form of AWS’s own, which DynamoDB Local takes, and are never the same twice', () => {
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

  it('are found by their access key, and nobody else’s is', () => {
    const keys = accessKeys(['worker']);
    expect(secretOf(keys, keys.operator.accessKeyId)).toBe(keys.operator.secretAccessKey);
    expect(secretOf(keys, accessKeyIdOf('worker'))).toBe(keys.functions['worker']!.secretAccessKey);
    expect(secretOf(keys, accessKeyIdOf('other'))).toBeUndefined();
    expect(secretOf(keys, 'constructor')).toBeUndefined();
  });
});
