import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import type { AwsService } from '../iam/call.ts';
import { errorResponse } from '../iam/denial.ts';
import type { Iam } from '../iam/iam.ts';
import type { CallRequest } from '../iam/requested-access.ts';
import { type AccessKeys, secretOf } from './credentials.ts';
import { isPresigned, type PresignedFault, verifyPresigned } from './presigned.ts';
import { verifySignature } from './signature.ts';
import { foreignRequest, formPost, refuse } from './web-requests.ts';

export type Guard = {
  keys: AccessKeys;
  /** Returns the AWS service of a request, because error responses differ between services. */
  service(request: Pick<CallRequest, 'url' | 'headers'>): AwsService;
  /** Returns the template's policies, once they are loaded. */
  iam(): Iam | undefined;
  /** Maximum body size. A larger body gets 413. */
  bodyBytesMax: number;
  /** Whether the server also accepts this host name, besides 127.0.0.1 and localhost. */
  isOwnName?(name: string): boolean;
  /** Returns the CORS headers of the response to a page of another origin; undefined if its requests are refused. */
  cors?(request: Omit<CallRequest, 'body'>): Record<string, string> | undefined;
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
      const { method = '', url = '', headers } = incoming;
      const cors = guard.cors?.({ method, url, headers });
      const { origin: _, ...withoutOrigin } = headers;
      const isSigned = headers.authorization !== undefined || isPresigned(url);
      const foreign =
        foreignRequest(cors === undefined ? headers : withoutOrigin, guard.isOwnName) ??
        formPost(method, headers['content-type'], isSigned);
      if (foreign !== undefined) return refuse(response, foreign);
      if (cors !== undefined) response.setHeaders(new Map(Object.entries(cors)));
      // A browser's preflight request has no signature.
      if (cors !== undefined && method === 'OPTIONS') return void response.writeHead(200).end();
      const body = await readBody(incoming, guard.bodyBytesMax);
      if (body === undefined) return void response.writeHead(413, { connection: 'close' }).end();
      const request = { method, url, headers, body };
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
  const asService = service(original);
  const fault = await signatureFault(keys, asService, original);
  if (fault !== undefined) return { error: errorResponse(asService, fault.code, fault.message) };
  try {
    const request = read === undefined ? original : read(original);
    const denied = iam()?.denial(request);
    return denied === undefined ? { request } : { error: denied };
  } catch (error) {
    if (error instanceof BadRequest) return { error: errorResponse(asService, error.code, error.message) };
    throw error;
  }
}

/** Only S3 accepts requests that are signed in the query. */
async function signatureFault(
  keys: AccessKeys,
  service: AwsService,
  request: CallRequest,
): Promise<PresignedFault | undefined> {
  const secret = (accessKeyId: string) => secretOf(keys, accessKeyId);
  if (service === 's3' && isPresigned(request.url)) return verifyPresigned(request, secret, Date.now());
  const code = await verifySignature(request, secret);
  return code && { code };
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
