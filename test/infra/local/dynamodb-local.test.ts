import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';
import { expect, it } from 'vitest';
import { startDynamoDBLocal } from '../../support/dynamodb-local.ts';
import { startCommand } from './start-command.ts';

const { DYNAMODB_LOCAL_FOLDER } = process.env;
/** These tests start a whole host and Java. */
const SLOW = { timeout: 180_000 };

async function mustRefuse(DYNAMODB_ENDPOINT: string): Promise<void> {
  const { code, stdout, stderr } = await startCommand(['--memory'], { DYNAMODB_ENDPOINT }).ended;
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(
    /^http:\/\/127\.0\.0\.1:\d+ does not show the tables to the access key of the function [a-z-]+: start DynamoDB Local with -sharedDb\.\n$/,
  );
}

it('the host rejects a DynamoDB with separate tables for each access key in one line', SLOW, async () => {
  const shared = dynalite({ createTableMs: 0 }).listen(0, '127.0.0.1');
  await once(shared, 'listening');
  const { port } = shared.address() as AddressInfo;
  const keyOf = (authorization = '') => /Credential=(\w+)/.exec(authorization)?.[1];
  let owner: string | undefined;
  const separate = createServer((incoming, response) => {
    const key = keyOf(incoming.headers.authorization);
    owner ??= key;
    if (key !== owner) {
      const __type = 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException';
      incoming.resume();
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ __type, message: 'Cannot do operations on a non-existent table' }));
      return;
    }
    const { method, headers, url: path } = incoming;
    const forwarded = request({ port, host: '127.0.0.1', path, method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(forwarded);
  }).listen(0, '127.0.0.1');
  await once(separate, 'listening');
  try {
    await mustRefuse(`http://127.0.0.1:${(separate.address() as AddressInfo).port}`);
  } finally {
    for (const server of [separate, shared]) {
      server.closeAllConnections();
      server.close();
    }
  }
});

it.skipIf(DYNAMODB_LOCAL_FOLDER === undefined)(
  'the host rejects DynamoDB Local without -sharedDb in one line',
  SLOW,
  async () => {
    const local = await startDynamoDBLocal(DYNAMODB_LOCAL_FOLDER!, { isShared: false });
    try {
      await mustRefuse(local.endpoint);
    } finally {
      await local.stop();
    }
  },
);
