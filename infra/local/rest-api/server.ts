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

/** The largest request body (source: API Gateway quotas, "Payload size": 10 MB). */
const BODY_BYTES_MAX = 10 * 1024 * 1024;
/** The largest request line with headers (source: API Gateway quotas, "Total combined size of request line and header values"). */
const HEADER_BYTES_MAX = 10_240;

/** An HTTP server for the template's REST API. The API is at the root of the address: the path does not contain the stage. */
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
      const { status, headers, body } = await gateway.respond(request, await readBody(request), requestId);
      response.writeHead(status, {
        ...headers,
        'content-length': Buffer.byteLength(body),
        'x-amzn-requestid': requestId,
      });
      response.end(request.method === 'HEAD' ? undefined : body);
    } catch (error) {
      // A closed connection is the client's choice. Any other error is a defect of this host.
      if (!request.destroyed || request.complete) console.error(error);
      response.destroy();
    }
  };
  const server = createServer({ keepAliveTimeout: 60_000, maxHeaderSize: HEADER_BYTES_MAX }, serve);
  // Ignore the Expect header. Node itself handles 100-continue.
  server.on('checkExpectation', serve);
  server.on('clientError', async (_, socket) => {
    // Complete earlier requests first: this 400 must not look like the response to one of them.
    await exchanges.allResponded(socket);
    endWith(socket, gateway.badRequest(randomUUID()));
  });
  return server;
}

/** The requests of each connection without a response. A client may pipeline requests. */
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
    /** Waits for the responses to all complete requests of a connection. */
    async allResponded(socket: Duplex): Promise<void> {
      const complete = [...(ofSocket.get(socket) ?? [])].filter(({ request }) => request.complete);
      await Promise.all(complete.map(({ response }) => once(response, 'close')));
    },
  };
}

/** Sends a response on a raw socket and closes the connection. */
function endWith(socket: Duplex, { status, headers, body }: GatewayResponse): void {
  if (!socket.writable) return;
  const all = { ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
}

/** The body, or undefined if it is too large. Reads it to the end even then: a client that is still sending does not read. */
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
