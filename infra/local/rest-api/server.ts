import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { foreignRequest, refuse as refuseForeign } from '../access/web-requests.ts';
import type { HostedFunction } from '../functions.ts';
import type { Resource } from '../resource.ts';
import { type GatewayOptions, restApiGateway } from './gateway.ts';
import type { GatewayResponse } from './gateway-responses.ts';

/** Largest body (source: API Gateway quotas, "Payload size": 10 MB). */
const BODY_BYTES_MAX = 10 * 1024 * 1024;
/** Largest request line with headers (source: API Gateway quotas, "Total combined size of request line and header values"). */
const HEADER_BYTES_MAX = 10_240;

/** An HTTP server that serves the template's REST API, at the root of its address: the stage is not part of the path. */
export function restApiServer(
  resources: readonly Resource[],
  functionOfUri: (uri: string) => HostedFunction,
  options: GatewayOptions = {},
): Server {
  const gateway = restApiGateway(resources, functionOfUri, options);
  const exchanges = openExchanges();
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const foreign = foreignRequest(request.headers);
    if (foreign !== undefined) return refuseForeign(response, foreign);
    const requestId = randomUUID();
    exchanges.add(request, response);
    try {
      const { status, headers, body } = await gateway.answer(request, await readBody(request), requestId);
      response.writeHead(status, {
        ...headers,
        'content-length': Buffer.byteLength(body),
        'x-amzn-requestid': requestId,
      });
      response.end(request.method === 'HEAD' ? undefined : body);
    } catch (error) {
      // A client that went away needs no answer; anything else is a fault of this host.
      if (!request.destroyed || request.complete) console.error(error);
      response.destroy();
    }
  };
  const server = createServer({ keepAliveTimeout: 60_000, maxHeaderSize: HEADER_BYTES_MAX }, serve);
  // Whatever a client expects besides 100-continue, which Node sees to, does not matter.
  server.on('checkExpectation', serve);
  server.on('clientError', async (_, socket) => {
    // Requests before these bytes get their own answers first: 400 must not stand for one that was carried out.
    await exchanges.answered(socket);
    refuse(socket, gateway.notUnderstood(randomUUID()));
  });
  return server;
}

/** The requests of each connection that are not answered yet: a client may send the next one before it has the answer. */
function openExchanges() {
  type Exchange = { request: IncomingMessage; response: ServerResponse };
  const ofSocket = new WeakMap<Duplex, Set<Exchange>>();
  return {
    add(request: IncomingMessage, response: ServerResponse): void {
      const open = ofSocket.get(request.socket) ?? new Set();
      const exchange = { request, response };
      ofSocket.set(request.socket, open.add(exchange));
      response.once('close', () => open.delete(exchange));
    },
    /** Waits until every request that arrived whole on a connection has been answered. */
    async answered(socket: Duplex): Promise<void> {
      const whole = [...(ofSocket.get(socket) ?? [])].filter(({ request }) => request.complete);
      await Promise.all(whole.map(({ response }) => once(response, 'close')));
    },
  };
}

/** Answers what is no HTTP, and hangs up. */
function refuse(socket: Duplex, { status, headers, body }: GatewayResponse): void {
  if (!socket.writable) return;
  const all = { ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
}

/** The body; undefined for one that is too large, once it has passed: a client that still sends does not read. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= BODY_BYTES_MAX) chunks.push(chunk);
    else chunks.length = 0;
  }
  return bytes > BODY_BYTES_MAX ? undefined : Buffer.concat(chunks);
}
