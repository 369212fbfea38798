import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { TestHost } from '../support/host.ts';

/** The reserved concurrency of `validate`, and whether the limit of `health` is lowered. */
export type ThrottleState = { reserved?: number | undefined; limited: boolean };

/** Headers of every response (source: the contract). */
const HEADERS = {
  'content-type': 'application/json',
  vary: 'Accept',
  'x-content-type-options': 'nosniff',
  'x-kraken-correlation-id': 'made-by-the-gateway',
};

/** Starts a proxy before the local API that throttles `validate` and `health` by the settings in `state`. */
export async function throttlingGateway({ endpoints }: TestHost, state: ThrottleState) {
  let healthRequests = 0;
  const forward = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '';
    const body = await buffer(request);
    if (state.reserved === 0 && path.endsWith('/validate/')) {
      response.writeHead(503, HEADERS).end('{"detail":"A server error occurred.","code":"error"}');
      return;
    }
    if (path === '/health/') healthRequests += 1;
    if (state.limited && path === '/health/' && healthRequests % 20 > 1) {
      response.writeHead(429, HEADERS).end('{"detail":"Request was throttled.","code":"throttled"}');
      return;
    }
    const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers;
    const found = await fetch(`${endpoints.api}${path}`, {
      method: request.method!,
      headers: headers as Record<string, string>,
      ...(body.length > 0 && { body }),
    });
    const {
      'content-length': ____,
      'transfer-encoding': _____,
      ...forwardedHeaders
    } = Object.fromEntries(found.headers);
    response.writeHead(found.status, forwardedHeaders).end(Buffer.from(await found.arrayBuffer()));
  };
  const server = createServer((request, response) => void forward(request, response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
