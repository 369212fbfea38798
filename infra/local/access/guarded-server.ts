import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import type { AwsService } from '../iam/call.ts';
import { errorResponse } from '../iam/denial.ts';
import type { Iam } from '../iam/iam.ts';
import type { CallRequest } from '../iam/requested-access.ts';
import { type AccessKeys, secretOf } from './credentials.ts';
import { verifySignature } from './signature.ts';
import { foreignRequest, formPost, refuse } from './web-requests.ts';

export type Guard = {
  keys: AccessKeys;
  /** Returns the AWS service of a request, because error responses differ between services. */
  service(headers: IncomingMessage['headers']): AwsService;
  /** Returns the template's policies, once they are loaded. */
  iam(): Iam | undefined;
  /** Maximum body size. A larger body gets 413. */
  bodyBytesMax: number;
  /** Whether the server also accepts this host name, besides 127.0.0.1 and localhost. */
  isOwnName?(name: string): boolean;
  /** Normalizes a request for the IAM check and the emulator. @throws BadRequest */
  read?(request: CallRequest): CallRequest;
};

/** Thrown for a request with a 400 response, with AWS's error code and message. */
export class BadRequest extends Error {
  override name = 'BadRequest';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Creates the HTTP server in front of an emulator. It passes only complete requests on that are signed with known credentials, are not sent by
 * a foreign web page, and are allowed by the template's policies.
 *
 * @param serve the emulator's handler
 */
export function guardedServer(
  guard: Guard,
  serve: (request: CallRequest, incoming: IncomingMessage, response: ServerResponse) => unknown,
): Server {
  return createServer({ keepAliveTimeout: 60_000 }, async (incoming, response) => {
    try {
      const { method = '', headers } = incoming;
      const foreign = foreignRequest(headers, guard.isOwnName) ?? formPost(method, headers);
      if (foreign !== undefined) return refuse(response, foreign);
      const body = await readBody(incoming, guard.bodyBytesMax);
      if (body === undefined) return void response.writeHead(413, { connection: 'close' }).end();
      const request = { method, url: incoming.url ?? '', headers, body };
      const result = await authorize(guard, request);
      if ('error' in result) {
        const { status, headers: errorHeaders, body: text } = result.error;
        response.writeHead(status, errorHeaders).end(method === 'HEAD' ? undefined : text);
      } else await serve(result.request, incoming, response);
    } catch {
      response.destroy(); // the client has disconnected
    }
  });
}

/** Listens on 127.0.0.1, and returns the server's URL. */
export async function listen(server: Server, port = 0): Promise<string> {
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', done);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Stops a server, and closes keep-alive connections. */
export async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
}

/** Creates an IncomingMessage for Node's HTTP handlers from a request whose body was read already. */
export function replayed(
  { method, url, headers, body }: CallRequest,
  incoming: IncomingMessage,
): IncomingMessage {
  const stream = new PassThrough();
  stream.end(body);
  const { httpVersion, httpVersionMajor, httpVersionMinor, socket, rawHeaders } = incoming;
  const known = { method, url, headers, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor, socket };
  return Object.assign(stream, known) as unknown as IncomingMessage;
}

/** The request to serve, or the error response to send. */
type Authorization = { error: ReturnType<typeof errorResponse> } | { request: CallRequest };

async function authorize({ keys, service, iam, read }: Guard, original: CallRequest): Promise<Authorization> {
  const fault = await verifySignature(original, (accessKeyId) => secretOf(keys, accessKeyId));
  const asService = service(original.headers);
  if (fault !== undefined) return { error: errorResponse(asService, fault) };
  try {
    const request = read === undefined ? original : read(original);
    const denied = iam()?.denial(request);
    return denied === undefined ? { request } : { error: denied };
  } catch (error) {
    if (error instanceof BadRequest) return { error: errorResponse(asService, error.code, error.message) };
    throw error;
  }
}

/** Reads the body; undefined if it is too large. */
async function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > bytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
