import { TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { CopyObjectCommand, GetObjectAclCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { BatchGetCommand, GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, describe, expect, it } from 'vitest';
import { readCall } from '../../../infra/local/iam/call.ts';
import { type CallRequest, UnknownCall } from '../../../infra/local/iam/requested-access.ts';
import { capturedClients } from './captured.ts';

const { dynamodb, sqs, s3, sent, endpoint, stop } = await capturedClients('worker');
afterAll(stop);

const AT = { Bucket: 'drops', Key: 'a.ndjson' };
const Key = { id: '1' };

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
      () => sqs.send(new ReceiveMessageCommand({ QueueUrl: `${endpoint}/111111111111/a` })),
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
