import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, describe, expect, it } from 'vitest';
import { readCall } from '../../../infra/local/iam/call.ts';
import { denialResponse } from '../../../infra/local/iam/denial.ts';
import { permissionsOf } from '../../../infra/local/iam/permissions.ts';
import { devResources } from './template.ts';

const permissions = permissionsOf(devResources());
const principal =
  /^User: arn:aws:sts::000000000000:assumed-role\/[\w-]+\/supply-point-import-dev-service-validate is not/;

/** Denies requests as an emulator does. The function `validate` has no permissions. */
const server = createServer(async (incoming, response) => {
  const { method = '', url = '', headers } = incoming;
  const call = readCall({ method, url, headers, body: await buffer(incoming) });
  const decision = permissions.check(call.accessKeyId, call);
  if (decision.isAllowed) throw new Error('The call is allowed.');
  const answer = denialResponse(call.service, decision, method);
  response.writeHead(answer.status, answer.headers).end(answer.body);
});
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const settings = {
  endpoint,
  region: 'ap-southeast-2',
  credentials: { accessKeyId: 'validate', secretAccessKey: 'local' },
};
const dynamodb = new DynamoDBClient(settings);
const sqs = new SQSClient(settings);
const s3 = new S3Client({ ...settings, forcePathStyle: true });
const events = new EventBridgeClient(settings);

afterAll(async () => {
  for (const client of [dynamodb, sqs, s3, events]) client.destroy();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

const AT = { Bucket: 'drops', Key: 'a.ndjson' };
const event = { Source: 's', DetailType: 'd', Detail: '{}' };
const sending = new SendMessageCommand({ QueueUrl: `${endpoint}/000000000000/imports`, MessageBody: 'a' });

describe('the error that the SDK throws for a denied call', () => {
  it.each<[string, string, number, string, () => Promise<unknown>]>([
    [
      'DynamoDB',
      'AccessDeniedException',
      400,
      'dynamodb:GetItem on resource: arn:aws:dynamodb:ap-southeast-2:000000000000:table/t because no identity-based policy allows the dynamodb:GetItem action',
      () => dynamodb.send(new GetItemCommand({ TableName: 't', Key: { id: { S: '1' } } })),
    ],
    [
      'SQS',
      'AccessDenied',
      403,
      'sqs:sendmessage on resource: arn:aws:sqs:ap-southeast-2:000000000000:imports because no identity-based policy allows the sqs:sendmessage action',
      () => sqs.send(sending),
    ],
    [
      'S3',
      'AccessDenied',
      403,
      's3:GetObject on resource: "arn:aws:s3:::drops/a.ndjson" because no identity-based policy allows the s3:GetObject action',
      () => s3.send(new GetObjectCommand(AT)),
    ],
    [
      'EventBridge',
      'AccessDeniedException',
      400,
      'events:PutEvents on resource: arn:aws:events:ap-southeast-2:000000000000:event-bus/default because no identity-based policy allows the events:PutEvents action',
      () => events.send(new PutEventsCommand({ Entries: [event] })),
    ],
  ])('%s: %s', async (_, name, status, words, act) => {
    const error = await act().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name, $metadata: { httpStatusCode: status, attempts: 1 } });
    expect((error as Error).message).toMatch(principal);
    expect((error as Error).message).toContain(`authorized to perform: ${words}`);
  });

  it('S3, HEAD: the status only', async () => {
    const head = s3.send(new HeadObjectCommand(AT));
    await expect(head).rejects.toMatchObject({ $metadata: { httpStatusCode: 403, attempts: 1 } });
  });
});

describe('an explicit deny', () => {
  const denial = { isAllowed: false, principal: 'p', action: 's3:GetObject', resource: 'r<&' } as const;
  it.each([
    ['an identity denies', 'with an explicit deny in an identity-based policy'],
    ['a resource denies', 'with an explicit deny in a resource-based policy'],
  ] as const)('has its own message if %s', (because, words) => {
    const { body } = denialResponse('s3', { ...denial, because }, 'GET');
    expect(body).toContain(
      `User: p is not authorized to perform: s3:GetObject on resource: "r&lt;&amp;" ${words}`,
    );
  });
});
