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

describe('an unsupported call is rejected:', () => {
  const transaction = new TransactWriteItemsCommand({
    TransactItems: [{ Put: { TableName: 't', Item: { id: { S: '1' } } } }],
  });
  const copy = new CopyObjectCommand({ ...AT, CopySource: 'drops/secret' });
  const ifMatch = new PutObjectCommand({ ...AT, Body: 'a', IfMatch: '"e"' });
  it.each<[string, () => Promise<unknown>]>([
    ['with several actions', () => dynamodb.send(transaction)],
    ['without a table in a batch', () => dynamodb.send(new BatchGetCommand({ RequestItems: {} }))],
    ['with an unknown operation', () => sqs.send(new CreateQueueCommand({ QueueName: 'a' }))],
    [
      'for another account',
      () => sqs.send(new ReceiveMessageCommand({ QueueUrl: `${endpoint}/111111111111/a` })),
    ],
    ['a copy, which reads its source', () => s3.send(copy)],
    ['a conditional write, which reads the object', () => s3.send(ifMatch)],
    ['for an object’s ACL', () => s3.send(new GetObjectAclCommand(AT))],
    ['a write with tags', () => s3.send(new PutObjectCommand({ ...AT, Body: 'a', Tagging: 'a=b' }))],
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
    ['with a body that is not an object', () => ({ body: Buffer.from('[]') })],
    ['without a table', () => ({ body: Buffer.from('{}') })],
    ['with another method', () => ({ method: 'PUT' })],
  ])('%s', async (_, change) => {
    const [request] = await sent(() => dynamodb.send(new GetCommand({ TableName: 't', Key })));
    expect(() => readCall(request!)).not.toThrow();
    expect(() => readCall({ ...request!, ...change(request!) })).toThrow(UnknownCall);
  });

  function authorization({ headers }: CallRequest, from: string, to: string): Partial<CallRequest> {
    return { headers: { ...headers, authorization: headers.authorization!.replace(from, to) } };
  }
});
