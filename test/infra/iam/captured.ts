import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { expect } from 'vitest';
import { accessKeyIdOf } from '../../../infra/local/access/credentials.ts';
import type { CallRequest } from '../../../infra/local/iam/requested-access.ts';

/** The SDK's clients with a function's access key and the secret `local`, and the requests that they send. */
export async function capturedClients(functionId: string) {
  const capture = await captureRequests();
  const settings = {
    endpoint: capture.endpoint,
    region: 'ap-southeast-2',
    credentials: { accessKeyId: accessKeyIdOf(functionId), secretAccessKey: 'local' },
    maxAttempts: 1,
  };
  const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(settings));
  const sqs = new SQSClient(settings);
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const events = new EventBridgeClient(settings);
  return {
    endpoint: capture.endpoint,
    dynamodb,
    sqs,
    s3,
    events,
    /** The requests that `act` sends. Ignores its errors. */
    async sent(act: () => Promise<unknown>): Promise<CallRequest[]> {
      capture.requests.length = 0;
      await act().catch(() => {});
      expect(capture.requests).not.toHaveLength(0);
      return [...capture.requests];
    },
    async stop() {
      for (const client of [dynamodb, sqs, s3, events]) client.destroy();
      await capture.stop();
    },
  };
}

/** A server that records requests. Its responses are sufficient for the SDK's clients to continue. */
async function captureRequests() {
  const requests: CallRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const { method = '', url = '', headers } = incoming;
    const request = { method, url, headers, body: await buffer(incoming) };
    requests.push(request);
    accept(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async stop(): Promise<void> {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function accept({ method, url }: CallRequest, response: ServerResponse): void {
  if (url === '/') response.end('{}');
  else if (method === 'POST' && url.includes('uploads')) {
    response.end('<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>');
  } else if (method === 'POST') {
    response.end('<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>');
  } else {
    response.setHeader('etag', '"e"');
    response.end();
  }
}
