import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccessKeys, accessKeys, secretOf } from '../../../infra/local/access/credentials.ts';
import { PRESIGNED_SECONDS_MAX, verifyPresigned } from '../../../infra/local/access/presigned.ts';
import { corsOf } from '../../../infra/local/emulators/cors.ts';
import { type SqsAndS3, startSqsAndS3 } from '../../../infra/local/emulators/sqs-s3.ts';
import { type Iam, iamOf } from '../../../infra/local/iam/iam.ts';
import type { CallRequest } from '../../../infra/local/iam/requested-access.ts';
import type { Resource } from '../../../infra/local/resource.ts';
import { presign } from '../../../shared/aws/presign.ts';

const PAGE = 'http://127.0.0.1:3000';
const keys: AccessKeys = accessKeys(['uploader']);
const Bucket = 'drops';
let emulator: SqsAndS3;
let clients: Record<'operator' | 'uploader', S3Client>;
beforeAll(async () => {
  emulator = await startSqsAndS3(undefined, keys, () => {}, {
    iam: () => IAM,
    cors: corsOf(TEMPLATE, () => [PAGE]),
  });
  emulator.putBucket(Bucket);
  const clientOf = (credentials: AccessKeys['operator']) =>
    new S3Client({
      endpoint: emulator.endpoint,
      region: 'ap-southeast-2',
      credentials,
      forcePathStyle: true,
      requestChecksumCalculation: 'WHEN_REQUIRED',
    });
  clients = { operator: clientOf(keys.operator), uploader: clientOf(keys.functions['uploader']!) };
});
afterAll(async () => {
  for (const client of Object.values(clients)) client.destroy();
  await emulator.stop();
});

const resource = (type: string, id: string, properties: Record<string, unknown>): Resource => ({
  logicalId: id,
  type,
  id,
  name: id,
  properties: () => properties,
});
const statement = {
  Effect: 'Allow',
  Action: ['s3:PutObject', 's3:AbortMultipartUpload'],
  Resource: `arn:aws:s3:::${Bucket}/drops/*`,
};
const policy = { Version: '2012-10-17', Statement: [statement] };
const CORS_RULE = {
  AllowedOrigins: ['https://*.execute-api.ap-southeast-2.amazonaws.com'],
  AllowedMethods: ['PUT', 'POST'],
  AllowedHeaders: ['content-type'],
  ExposedHeaders: ['ETag'],
  MaxAge: 60,
};
const TEMPLATE = [
  resource('AWS::IAM::Role', 'Role', { Policies: [{ PolicyName: 'p', PolicyDocument: policy }] }),
  resource('AWS::Lambda::Function', 'uploader', { Role: 'arn:aws:iam::000000000000:role/Role' }),
  resource('AWS::ApiGateway::RestApi', 'Api', {}),
  resource('AWS::S3::Bucket', Bucket, { CorsConfiguration: { CorsRules: [CORS_RULE] } }),
];
const IAM: Iam = iamOf(TEMPLATE.map((each) => ({ ...each, properties: each.properties() })));

const BODY = 'a,b\n1,2\n';
const TYPE = 'text/csv';
const urlOf = async (client: S3Client, command: object, signed: string[] = [], seconds = 900) =>
  (await presign(client, command, { seconds, now: Date.now(), signed })).url;
/** A URL for an upload of exactly this length and type. */
const uploadUrl = (client: S3Client, Key = 'drops/TEST_SUPPLIER/März (1)+.csv', expiresIn = 900) =>
  urlOf(
    client,
    new PutObjectCommand({ Bucket, Key, ContentLength: BODY.length, ContentType: TYPE }),
    ['content-length', 'content-type'],
    expiresIn,
  );
const put = (url: string, body = BODY, headers: Record<string, string> = { 'content-type': TYPE }) =>
  fetch(url, { method: 'PUT', body, headers });
const errorOf = async (answer: Response) => [
  answer.status,
  /<Code>(\w+)<\/Code>/.exec(await answer.text())?.[1],
];

describe('a presigned upload', () => {
  it('is accepted with the signed length and type, by the permissions of its signer', async () => {
    expect((await put(await uploadUrl(clients.uploader))).status).toBe(200);
    const read = new GetObjectCommand({ Bucket, Key: 'drops/TEST_SUPPLIER/März (1)+.csv' });
    expect(await (await fetch(await urlOf(clients.operator, read))).text()).toBe(BODY);
    expect(await errorOf(await fetch(await urlOf(clients.uploader, read)))).toEqual([403, 'AccessDenied']);
    const elsewhere = await uploadUrl(clients.uploader, 'reports/TEST_SUPPLIER/a.csv');
    expect(await errorOf(await put(elsewhere))).toEqual([403, 'AccessDenied']);
  });

  it('is refused with another length, type, key, method or signature', async () => {
    const url = await uploadUrl(clients.uploader);
    const wrong = [403, 'SignatureDoesNotMatch'];
    expect(await errorOf(await put(url, `${BODY}3,4\n`))).toEqual(wrong);
    expect(
      await errorOf(await put(url, BODY, { 'content-type': 'application/x-www-form-urlencoded' })),
    ).toEqual(wrong);
    expect(await errorOf(await put(url.replace('TEST_SUPPLIER', 'OTHER_SUPPLIER')))).toEqual(wrong);
    expect(await errorOf(await put(url.replace('X-Amz-Expires=900', 'X-Amz-Expires=901')))).toEqual(wrong);
    expect(await errorOf(await put(url.replace(/Signature=./, 'Signature=g')))).toEqual([
      400,
      'AuthorizationQueryParametersError',
    ]);
    expect(await errorOf(await fetch(url, { method: 'DELETE' }))).toEqual(wrong);
  });

  it('is refused with headers that are not signed, with two signatures, and with a session token', async () => {
    const url = await uploadUrl(clients.uploader);
    const also = (headers: Record<string, string>) => put(url, BODY, { 'content-type': TYPE, ...headers });
    expect(await errorOf(await also({ 'x-amz-meta-a': 'b' }))).toEqual([403, 'AccessDenied']);
    expect(await errorOf(await also({ 'x-amz-copy-source': '/drops/a' }))).toEqual([403, 'AccessDenied']);
    expect(await errorOf(await also({ authorization: 'AWS4-HMAC-SHA256 Credential=a' }))).toEqual([
      400,
      'InvalidArgument',
    ]);
    expect(await errorOf(await put(`${url}&X-Amz-Security-Token=t`))).toEqual([400, 'InvalidToken']);
    expect(await errorOf(await put(url.replace(/AKIA\w+/, 'AKIAUNKNOWN')))).toEqual([
      403,
      'InvalidAccessKeyId',
    ]);
  });

  it('of several parts is completed only with the signed size and under its own key', async () => {
    const Key = 'drops/TEST_SUPPLIER/parts.csv';
    const { UploadId } = await clients.uploader.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const part = { Bucket, Key, UploadId, PartNumber: 1, ContentLength: BODY.length };
    const sent = await put(
      await urlOf(clients.uploader, new UploadPartCommand(part), ['content-length']),
      BODY,
      {},
    );
    expect(sent.status).toBe(200);
    const complete = async (bytes: number) => {
      const command = new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MpuObjectSize: bytes });
      const url = await urlOf(clients.uploader, command, ['x-amz-mp-object-size']);
      const Part = `<Part><PartNumber>1</PartNumber><ETag>${sent.headers.get('etag')}</ETag></Part>`;
      const body = `<CompleteMultipartUpload>${Part}</CompleteMultipartUpload>`;
      return fetch(url, { method: 'POST', body, headers: { 'x-amz-mp-object-size': String(bytes) } });
    };
    expect(await errorOf(await complete(BODY.length + 1))).toEqual([400, 'InvalidRequest']);
    const other = { ...part, Key: 'drops/TEST_SUPPLIER/other.csv' };
    const underOther = await urlOf(clients.uploader, new UploadPartCommand(other));
    expect(await errorOf(await put(underOther, BODY, {}))).toEqual([400, 'NoSuchUpload']);
    expect((await complete(BODY.length)).status).toBe(200);
  });
});

describe('a page of the API', () => {
  const preflight = (origin: string, method: string, headers = 'content-type') =>
    fetch(`${emulator.endpoint}/${Bucket}/drops/a.csv`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': method,
        'access-control-request-headers': headers,
      },
    });

  it('may send what the bucket’s CORS rule allows', async () => {
    const answer = await preflight(PAGE, 'PUT');
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, PAGE]);
    expect(answer.headers.get('access-control-allow-headers')).toBe('content-type');
    const sent = await put(await uploadUrl(clients.uploader), BODY, { 'content-type': TYPE, origin: PAGE });
    expect([sent.status, sent.headers.get('access-control-allow-origin')]).toEqual([200, PAGE]);
    expect(sent.headers.get('access-control-expose-headers')).toBe('ETag');
  });

  it.each([
    ['another method', PAGE, 'DELETE', 'content-type'],
    ['another header', PAGE, 'PUT', 'content-type, authorization'],
    ['another origin', 'https://example.com', 'PUT', 'content-type'],
    [
      'an origin that only the deployed rule allows',
      'https://a.execute-api.ap-southeast-2.amazonaws.com',
      'PUT',
      '',
    ],
  ])('may not send %s', async (_, origin, method, headers) => {
    const answer = await preflight(origin, method, headers);
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([403, null]);
    expect(await answer.text()).toMatch(/other origins/);
  });

  it('may not upload without a signature', async () => {
    const answer = await put(`${emulator.endpoint}/${Bucket}/drops/a.csv`, BODY, { origin: PAGE });
    expect(await errorOf(answer)).toEqual([403, 'AccessDenied']);
  });
});

describe('a presigned URL', () => {
  const known = (accessKeyId: string) => secretOf(keys, accessKeyId);
  const requestOf = (url: string): CallRequest => {
    const { pathname, search, host } = new URL(url);
    const headers = { host, 'content-length': String(BODY.length), 'content-type': TYPE };
    return { method: 'PUT', url: pathname + search, headers, body: Buffer.from(BODY) };
  };

  it('is valid from its signing until it expires', async () => {
    const request = requestOf(await uploadUrl(clients.operator));
    const at = (seconds: number) => verifyPresigned(request, known, Date.now() + seconds * 1000);
    expect(await at(0)).toBeUndefined();
    expect(await at(890)).toBeUndefined();
    expect(await at(910)).toMatchObject({ code: 'AccessDenied', message: 'Request has expired' });
    expect(await at(-890)).toBeUndefined();
    expect(await at(-910)).toMatchObject({ code: 'AccessDenied', message: 'Request is not yet valid' });
  });

  it('is valid for at most seven days', async () => {
    const url = await uploadUrl(clients.operator, 'drops/a', PRESIGNED_SECONDS_MAX);
    expect(await verifyPresigned(requestOf(url), known, Date.now())).toBeUndefined();
    const longer = requestOf(url.replace(/Expires=\d+/, `Expires=${PRESIGNED_SECONDS_MAX + 1}`));
    expect(await verifyPresigned(longer, known, Date.now())).toMatchObject({
      code: 'AuthorizationQueryParametersError',
    });
  });

  it('is accepted with any key, and without any one parameter refused', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
    const key = text.filter((part) => !/^[./]+$/.test(part));
    await fc.assert(
      fc.asyncProperty(key, fc.nat(5), async (Key, index) => {
        const request = requestOf(await uploadUrl(clients.operator, `a${Key}`));
        expect(await verifyPresigned(request, known, Date.now())).toBeUndefined();
        const name = ['Algorithm', 'Credential', 'Signature', 'Date', 'SignedHeaders', 'Expires'][index]!;
        const url = request.url.replace(
          new RegExp(`[?&]X-Amz-${name}=[^&]*`),
          (found) => `${found.slice(0, 1)}a=b`,
        );
        expect(await verifyPresigned({ ...request, url }, known, Date.now())).toMatchObject({
          code: 'AuthorizationQueryParametersError',
        });
      }),
      { numRuns: 50 },
    );
  });
});
