import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import {
  BatchGetCommand,
  BatchWriteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { Upload } from '@aws-sdk/lib-storage';
import { afterAll, describe, expect, it } from 'vitest';
import { accessKeyIdOf } from '../../../infra/local/access/credentials.ts';
import { callerOf, readCall } from '../../../infra/local/iam/call.ts';
import { UnknownCall } from '../../../infra/local/iam/requested-access.ts';
import { listCallOf } from '../../../infra/local/iam/s3-calls.ts';
import { capturedClients } from './captured.ts';

const { dynamodb, sqs, s3, events, sent, endpoint, stop } = await capturedClients('worker');
const clients: Record<string, { send(command: never): Promise<unknown> }> = { dynamodb, sqs, s3, events };
afterAll(stop);

const table = (name: string) => `arn:aws:dynamodb:ap-southeast-2:000000000000:table/${name}`;
const QUEUE = 'arn:aws:sqs:ap-southeast-2:000000000000:imports';
const QueueUrl = `${endpoint}/000000000000/imports`;
const bus = (name: string) => `arn:aws:events:ap-southeast-2:000000000000:event-bus/${name}`;
const Key = { id: '1' };
const AT = { Bucket: 'drops', Key: 'drops/A B/ü+1%.ndjson' };
const OBJECT = 'arn:aws:s3:::drops/drops/A B/ü+1%.ndjson';

type Row = [operation: string, action: string, resources: string[], command: object];

const QUERY = { TableName: 't', KeyConditionExpression: 'id = :a', ExpressionAttributeValues: { ':a': '1' } };
const Entries = [{ Id: '1', MessageBody: 'a', ReceiptHandle: 'r' }];
const event = { Source: 's', DetailType: 'd', Detail: '{}' };

const CALLS: Row[] = [
  ['GetItem', 'dynamodb:GetItem', [table('t')], new GetCommand({ TableName: 't', Key })],
  ['PutItem', 'dynamodb:PutItem', [table('t')], new PutCommand({ TableName: 't', Item: Key })],
  ['UpdateItem', 'dynamodb:UpdateItem', [table('t')], new UpdateCommand({ TableName: table('t'), Key })],
  ['Query', 'dynamodb:Query', [table('t')], new QueryCommand(QUERY)],
  ['Query', 'dynamodb:Query', [`${table('t')}/index/due`], new QueryCommand({ ...QUERY, IndexName: 'due' })],
  ['Scan', 'dynamodb:Scan', [table('t')], new ScanCommand({ TableName: 't' })],
  [
    'BatchGetItem',
    'dynamodb:BatchGetItem',
    [table('a'), table('b')],
    new BatchGetCommand({ RequestItems: { a: { Keys: [Key] }, b: { Keys: [Key] } } }),
  ],
  [
    'BatchWriteItem',
    'dynamodb:BatchWriteItem',
    [table('a')],
    new BatchWriteCommand({ RequestItems: { a: [{ PutRequest: { Item: Key } }] } }),
  ],
  ['DescribeTable', 'dynamodb:DescribeTable', [table('t')], new DescribeTableCommand({ TableName: 't' })],
  ['SendMessage', 'sqs:SendMessage', [QUEUE], new SendMessageCommand({ QueueUrl, MessageBody: 'a' })],
  ['SendMessageBatch', 'sqs:SendMessage', [QUEUE], new SendMessageBatchCommand({ QueueUrl, Entries })],
  ['ReceiveMessage', 'sqs:ReceiveMessage', [QUEUE], new ReceiveMessageCommand({ QueueUrl })],
  ['DeleteMessageBatch', 'sqs:DeleteMessage', [QUEUE], new DeleteMessageBatchCommand({ QueueUrl, Entries })],
  [
    'ChangeMessageVisibility',
    'sqs:ChangeMessageVisibility',
    [QUEUE],
    new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: 'r', VisibilityTimeout: 1 }),
  ],
  ['GetQueueAttributes', 'sqs:GetQueueAttributes', [QUEUE], new GetQueueAttributesCommand({ QueueUrl })],
  ['GetQueueUrl', 'sqs:GetQueueUrl', [QUEUE], new GetQueueUrlCommand({ QueueName: 'imports' })],
  ['GetObject', 's3:GetObject', [OBJECT], new GetObjectCommand({ ...AT, Range: 'bytes=0-9' })],
  ['GetObject', 's3:GetObjectVersion', [OBJECT], new GetObjectCommand({ ...AT, VersionId: 'v1' })],
  ['HeadObject', 's3:GetObject', [OBJECT], new HeadObjectCommand(AT)],
  ['PutObject', 's3:PutObject', [OBJECT], new PutObjectCommand({ ...AT, Body: 'a' })],
  ['PutObject', 's3:PutObject', [OBJECT], new PutObjectCommand({ ...AT, Body: 'a', IfNoneMatch: '*' })],
  [
    'PutObject',
    's3:PutObject',
    ['arn:aws:s3:::drops/a/../b//c'],
    new PutObjectCommand({ Bucket: 'drops', Key: 'a/../b//c', Body: 'a' }),
  ],
  [
    'AbortMultipartUpload',
    's3:AbortMultipartUpload',
    [OBJECT],
    new AbortMultipartUploadCommand({ ...AT, UploadId: 'u1' }),
  ],
  ['DeleteObject', 's3:DeleteObject', [OBJECT], new DeleteObjectCommand(AT)],
  [
    'ListObjectsV2',
    's3:ListBucket',
    ['arn:aws:s3:::drops'],
    new ListObjectsV2Command({ Bucket: 'drops', Prefix: 'drops/', MaxKeys: 1 }),
  ],
  [
    'PutEvents',
    'events:PutEvents',
    [bus('default'), bus('imports')],
    new PutEventsCommand({
      Entries: [event, { ...event, EventBusName: 'imports' }, { ...event, EventBusName: bus('imports') }],
    }),
  ],
];

describe('a call of the real SDK', () => {
  it.each(CALLS)('%s requests %s on %s', async (operation, action, resources, command) => {
    const service = action.split(':')[0]!;
    const [request] = await sent(() => clients[service]!.send(command as never));
    const { leadingKeys: _, ...call } = readCall(request!);
    expect(call).toEqual({
      accessKeyId: accessKeyIdOf('worker'),
      service,
      operation,
      action,
      resources,
    });
  });

  it.each([
    ['a read item', new GetCommand({ TableName: 't', Key })],
    ['a written item', new PutCommand({ TableName: 't', Item: { ...Key, other: '2' } })],
    ['a changed item', new UpdateCommand({ TableName: 't', Key: { other: '2', ...Key } })],
    ['a query', new QueryCommand({ ...QUERY, KeyConditionExpression: 'other > :b AND id = :a' })],
    [
      'a query with another name',
      new QueryCommand({
        ...QUERY,
        KeyConditionExpression: '#i = :a AND begins_with(other, :b)',
        ExpressionAttributeNames: { '#i': 'id' },
      }),
    ],
  ])('has the partition key of %s', async (_, command) => {
    const [request] = await sent(() => dynamodb.send(command as never));
    expect(readCall(request!).leadingKeys?.('id')).toEqual(['1']);
  });

  it.each([
    ['a query of another attribute', new QueryCommand({ ...QUERY, KeyConditionExpression: 'other = :a' })],
    ['an item without it', new PutCommand({ TableName: 't', Item: { other: '2' } })],
    ['a batch', new BatchGetCommand({ RequestItems: { a: { Keys: [Key] } } })],
  ])('is refused where a policy depends on the partition key of %s', async (_, command) => {
    const [request] = await sent(() => dynamodb.send(command as never));
    expect(() => readCall(request!).leadingKeys?.('id')).toThrow(UnknownCall);
  });

  it('requests PutObject for each step of a multipart upload', async () => {
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

  it('contains the access key of its caller', async () => {
    const [request] = await sent(() => s3.send(new HeadObjectCommand(AT)));
    expect(callerOf(request!)).toBe(accessKeyIdOf('worker'));
    expect(callerOf({ headers: {} })).toBeUndefined();
  });

  it('needs the permission to list the bucket for a 404', async () => {
    const [head] = await sent(() => s3.send(new HeadObjectCommand(AT)));
    const call = readCall(head!);
    expect(listCallOf(call)).toEqual({
      ...call,
      action: 's3:ListBucket',
      resources: ['arn:aws:s3:::drops'],
    });
    const [put] = await sent(() => s3.send(new PutObjectCommand({ ...AT, Body: 'a' })));
    expect(listCallOf(readCall(put!))).toBeUndefined();
  });
});
