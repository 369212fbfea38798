import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { CallRequest } from '../../../infra/local/gate/reading.ts';

export type Capture = {
  endpoint: string;
  requests: CallRequest[];
  stop(): Promise<void>;
};

/** A server that keeps what it is sent, and answers just so much that the SDK's clients go on. */
export async function captureRequests(): Promise<Capture> {
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
    async stop() {
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
