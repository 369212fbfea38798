import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

type ProxiedRequest = { method: string; path: string; body: string };
// biome-ignore lint/suspicious/noExplicitAny: bodies of different operations
export type ProxiedResponse = { status: number; headers: Record<string, string>; body: any };

/**
 * Starts an HTTP server that forwards requests to a service. `change` may change a response, or return `reset` to close the connection without one, after the service has
 * handled the request; `before` may respond in place of the service.
 */
export async function startProxy(
  target: string,
  {
    before = () => undefined,
    change = (_, response) => response,
  }: {
    before?: (request: ProxiedRequest) => ProxiedResponse | 'reset' | undefined;
    change?: (request: ProxiedRequest, response: ProxiedResponse) => ProxiedResponse | 'reset';
  },
) {
  const server = createServer(async (incoming, outgoing) => {
    const request = {
      method: incoming.method!,
      path: incoming.url!,
      body: String(await buffer(incoming)),
    };
    const response = before(request) ?? change(request, await forwarded(target, request, incoming.headers));
    if (response === 'reset') {
      outgoing.destroy();
      return;
    }
    outgoing.writeHead(response.status, response.headers);
    outgoing.end(JSON.stringify(response.body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

async function forwarded(
  target: string,
  { method, path, body }: ProxiedRequest,
  {
    authorization,
    'content-type': type,
  }: { authorization?: string | undefined; 'content-type'?: string | undefined },
): Promise<ProxiedResponse> {
  const response = await fetch(`${target}${path}`, {
    method,
    headers: { ...(authorization && { authorization }), ...(type && { 'content-type': type }) },
    ...(body !== '' && { body }),
  });
  const {
    'content-length': _length,
    'content-encoding': _encoding,
    connection: _,
    ...headers
  } = Object.fromEntries(response.headers);
  return { status: response.status, headers, body: await response.json() };
}
