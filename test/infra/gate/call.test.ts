import { DescribeTableCommand, DynamoDBClient, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import {
  BatchGetCommand,
  BatchWriteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { Upload } from '@aws-sdk/lib-storage';
import { afterAll, describe, expect, it } from 'vitest';
import { callerOf, readCall } from '../../../infra/local/gate/call.ts';
import { type CallRequest, UnknownCall } from '../../../infra/local/gate/reading.ts';
import { callToSeeAbsence } from '../../../infra/local/gate/s3-calls.ts';
import { captureRequests } from './captured.ts';

const capture = await captureRequests();
const settings = {
  endpoint: capture.endpoint,
  region: 'ap-southeast-2',
  credentials: { accessKeyId: 'worker', secretAccessKey: 'local' },
  maxAttempts: 1,
};
const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(settings));
const sqs = new SQSClient(settings);
const s3 = new S3Client({ ...settings, forcePathStyle: true });
const events = new EventBridgeClient(settings);

afterAll(async () => {
  for (const client of [dynamodb, sqs, s3, events]) client.destroy();
  await capture.stop();
});

/** The requests that a client sends for this, whatever it makes of the answers. */
async function sent(act: () => Promise<unknown>): Promise<CallRequest[]> {
  capture.requests.length = 0;
  await act().catch(() => {});
  expect(capture.requests).not.toHaveLength(0);
  return [...capture.requests];
}

const table = (name: string) => `arn:aws:dynamodb:ap-southeast-2:000000000000:table/${name}`;
const QUEUE = 'arn:aws:sqs:ap-southeast-2:000000000000:imports';
const QueueUrl = `${capture.endpoint}/000000000000/imports`;
const bus = (name: string) => `arn:aws:events:ap-southeast-2:000000000000:event-bus/${name}`;
const Key = { id: '1' };
const AT = { Bucket: 'drops', Key: 'drops/A B/ü+1%.ndjson' };
const OBJECT = 'arn:aws:s3:::drops/drops/A B/ü+1%.ndjson';

type Row = [operation: string, action: string, resources: string[], act: () => Promise<unknown>];

const QUERY = { TableName: 't', KeyConditionExpression: 'id = :a', ExpressionAttributeValues: { ':a': '1' } };
const Entries = [{ Id: '1', MessageBody: 'a', ReceiptHandle: 'r' }];
const event = { Source: 's', DetailType: 'd', Detail: '{}' };

const CALLS: Row[] = [
  ['GetItem', 'dynamodb:GetItem', [table('t')], () => dynamodb.send(new GetCommand({ TableName: 't', Key }))],
  [
    'PutItem',
    'dynamodb:PutItem',
    [table('t')],
    () => dynamodb.send(new PutCommand({ TableName: 't', Item: Key })),
  ],
  [
    'UpdateItem',
    'dynamodb:UpdateItem',
    [table('t')],
    () => dynamodb.send(new UpdateCommand({ TableName: table('t'), Key })),
  ],
  ['Query', 'dynamodb:Query', [table('t')], () => dynamodb.send(new QueryCommand(QUERY))],
  [
    'Query',
    'dynamodb:Query',
    [`${table('t')}/index/due`],
    () => dynamodb.send(new QueryCommand({ ...QUERY, IndexName: 'due' })),
  ],
  ['Scan', 'dynamodb:Scan', [table('t')], () => dynamodb.send(new ScanCommand({ TableName: 't' }))],
  [
    'BatchGetItem',
    'dynamodb:BatchGetItem',
    [table('a'), table('b')],
    () => dynamodb.send(new BatchGetCommand({ RequestItems: { a: { Keys: [Key] }, b: { Keys: [Key] } } })),
  ],
  [
    'BatchWriteItem',
    'dynamodb:BatchWriteItem',
    [table('a')],
    () => dynamodb.send(new BatchWriteCommand({ RequestItems: { a: [{ PutRequest: { Item: Key } }] } })),
  ],
  [
    'DescribeTable',
    'dynamodb:DescribeTable',
    [table('t')],
    () => dynamodb.send(new DescribeTableCommand({ TableName: 't' })),
  ],
  [
    'SendMessage',
    'sqs:SendMessage',
    [QUEUE],
    () => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' })),
  ],
  [
    'SendMessageBatch',
    'sqs:SendMessage',
    [QUEUE],
    () => sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries })),
  ],
  ['ReceiveMessage', 'sqs:ReceiveMessage', [QUEUE], () => sqs.send(new ReceiveMessageCommand({ QueueUrl }))],
  [
    'DeleteMessageBatch',
    'sqs:DeleteMessage',
    [QUEUE],
    () => sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries })),
  ],
  [
    'ChangeMessageVisibility',
    'sqs:ChangeMessageVisibility',
    [QUEUE],
    () =>
      sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: 'r', VisibilityTimeout: 1 })),
  ],
  [
    'GetQueueAttributes',
    'sqs:GetQueueAttributes',
    [QUEUE],
    () => sqs.send(new GetQueueAttributesCommand({ QueueUrl })),
  ],
  [
    'GetQueueUrl',
    'sqs:GetQueueUrl',
    [QUEUE],
    () => sqs.send(new GetQueueUrlCommand({ QueueName: 'imports' })),
  ],
  ['GetObject', 's3:GetObject', [OBJECT], () => s3.send(new GetObjectCommand({ ...AT, Range: 'bytes=0-9' }))],
  [
    'GetObject',
    's3:GetObjectVersion',
    [OBJECT],
    () => s3.send(new GetObjectCommand({ ...AT, VersionId: 'v1' })),
  ],
  ['HeadObject', 's3:GetObject', [OBJECT], () => s3.send(new HeadObjectCommand(AT))],
  ['PutObject', 's3:PutObject', [OBJECT], () => s3.send(new PutObjectCommand({ ...AT, Body: 'a' }))],
  [
    'PutObject',
    's3:PutObject',
    [OBJECT],
    () => s3.send(new PutObjectCommand({ ...AT, Body: 'a', IfNoneMatch: '*' })),
  ],
  [
    'PutObject',
    's3:PutObject',
    ['arn:aws:s3:::drops/a/../b//c'],
    () => s3.send(new PutObjectCommand({ Bucket: 'drops', Key: 'a/../b//c', Body: 'a' })),
  ],
  [
    'AbortMultipartUpload',
    's3:AbortMultipartUpload',
    [OBJECT],
    () => s3.send(new AbortMultipartUploadCommand({ ...AT, UploadId: 'u1' })),
  ],
  ['DeleteObject', 's3:DeleteObject', [OBJECT], () => s3.send(new DeleteObjectCommand(AT))],
  [
    'ListObjectsV2',
    's3:ListBucket',
    ['arn:aws:s3:::drops'],
    () => s3.send(new ListObjectsV2Command({ Bucket: 'drops', Prefix: 'drops/', MaxKeys: 1 })),
  ],
  [
    'PutEvents',
    'events:PutEvents',
    [bus('default'), bus('imports')],
    () =>
      events.send(
        new PutEventsCommand({
          Entries: [event, { ...event, EventBusName: 'imports' }, { ...event, EventBusName: bus('imports') }],
        }),
      ),
  ],
];

describe('a call of the real SDK', () => {
  it.each(CALLS)('%s is read as %s on %s', async (operation, action, resources, act) => {
    const [request] = await sent(act);
    expect(readCall(request!)).toEqual({
      accessKeyId: 'worker',
      service: action.split(':')[0],
      operation,
      action,
      resources,
    });
  });

  it('is read for each step of an upload in parts', async () => {
    const client = s3;
    const Body = Buffer.alloc(6 * 1024 * 1024);
    const requests = await sent(() => new Upload({ client, params: { ...AT, Body } }).done());
    const calls = requests.map(readCall);
    expect(calls.map(({ operation }) => operation)).toEqual([
      'CreateMultipartUpload',
      'UploadPart',
      'UploadPart',
      'CompleteMultipartUpload',
    ]);
    for (const { action, resources } of calls)
      expect([action, resources]).toEqual(['s3:PutObject', [OBJECT]]);
  });

  it('tells its caller', async () => {
    const [request] = await sent(() => s3.send(new HeadObjectCommand(AT)));
    expect(callerOf(request!)).toBe('worker');
    expect(callerOf({ headers: {} })).toBeUndefined();
  });

  it('needs the permission to list to see that an object is not there', async () => {
    const [head] = await sent(() => s3.send(new HeadObjectCommand(AT)));
    const call = readCall(head!);
    expect(callToSeeAbsence(call)).toEqual({
      ...call,
      action: 's3:ListBucket',
      resources: ['arn:aws:s3:::drops'],
    });
    const [put] = await sent(() => s3.send(new PutObjectCommand({ ...AT, Body: 'a' })));
    expect(callToSeeAbsence(readCall(put!))).toBeUndefined();
  });
});

describe('a call that cannot be read is not let through', () => {
  const transaction = new TransactWriteItemsCommand({
    TransactItems: [{ Put: { TableName: 't', Item: { id: { S: '1' } } } }],
  });
  const copy = new CopyObjectCommand({ ...AT, CopySource: 'drops/secret' });
  const ifMatch = new PutObjectCommand({ ...AT, Body: 'a', IfMatch: '"e"' });
  it.each<[string, () => Promise<unknown>]>([
    ['of several actions at once', () => dynamodb.send(transaction)],
    ['of no table', () => dynamodb.send(new BatchGetCommand({ RequestItems: {} }))],
    ['of an operation that is not known', () => sqs.send(new CreateQueueCommand({ QueueName: 'a' }))],
    [
      'of another account',
      () => sqs.send(new ReceiveMessageCommand({ QueueUrl: `${capture.endpoint}/111111111111/a` })),
    ],
    ['that reads what it copies', () => s3.send(copy)],
    ['that reads what it replaces', () => s3.send(ifMatch)],
    ['of a part of an object that is not known', () => s3.send(new GetObjectAclCommand(AT))],
    ['that tags what it puts', () => s3.send(new PutObjectCommand({ ...AT, Body: 'a', Tagging: 'a=b' }))],
  ])('%s', async (_, act) => {
    const [request] = await sent(act);
    expect(() => readCall(request!)).toThrow(UnknownCall);
  });

  it.each<[string, (request: CallRequest) => Partial<CallRequest>]>([
    ['without a signature', () => ({ headers: { 'x-amz-target': 'DynamoDB_20120810.GetItem' } })],
    ['for another region', (request) => authorization(request, 'ap-southeast-2', 'us-east-1')],
    ['for another service', (request) => authorization(request, 'dynamodb', 'sns')],
    ['signed for one service and sent to another', (request) => authorization(request, 'dynamodb', 's3')],
    ['without a body', () => ({ body: Buffer.alloc(0) })],
    ['with a body that is no object', () => ({ body: Buffer.from('[]') })],
    ['without a table', () => ({ body: Buffer.from('{}') })],
    ['by another method', () => ({ method: 'PUT' })],
  ])('%s', async (_, change) => {
    const [request] = await sent(() => dynamodb.send(new GetCommand({ TableName: 't', Key })));
    expect(() => readCall(request!)).not.toThrow();
    expect(() => readCall({ ...request!, ...change(request!) })).toThrow(UnknownCall);
  });

  function authorization({ headers }: CallRequest, from: string, to: string): Partial<CallRequest> {
    return { headers: { ...headers, authorization: headers.authorization!.replace(from, to) } };
  }
});
