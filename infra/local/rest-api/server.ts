import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { HostedFunction } from '../functions.ts';
import { ACCOUNT, REGION, type Resource } from '../template.ts';
import { tokenAuthorizer } from './authorizer.ts';
import { gatewayResponses } from './gateway-responses.ts';
import { type ProxyAnswer, proxyAnswer, proxyEvent } from './proxy.ts';
import { matchRoute, routeTree } from './routes.ts';

/** Largest request (source: API Gateway quotas, "Payload size": 10 MB). */
const REQUEST_BYTES_MAX = 10 * 1024 * 1024;
/** Longest that an integration may take (source: API Gateway quotas, "Integration timeout": 29 seconds). */
const INTEGRATION_TIMEOUT_MS = 29_000;

type MethodProperties = {
  AuthorizationType?: string;
  AuthorizerId?: string;
  Integration: { Type: string; Uri: string };
};
type Refused = { refused: Parameters<ReturnType<typeof gatewayResponses>>[0] };

/** An HTTP server that serves the template's REST API, at the root of its address: the stage is not part of the path. */
export function restApiServer(
  resources: readonly Resource[],
  functionOfUri: (uri: string) => HostedFunction,
): Server {
  const of = (type: string): Resource[] =>
    resources.filter((resource) => resource.type === `AWS::ApiGateway::${type}`);
  const [api] = of('RestApi');
  const stage = String(of('Stage')[0]!.properties()['StageName']);
  const isBinary = ((api!.properties()['BinaryMediaTypes'] ?? []) as string[]).includes('*/*');
  const root = routeTree(`${api!.logicalId}/`, of('Resource'), of('Method'));
  const gatewayResponse = gatewayResponses(of('GatewayResponse'));
  const authorizers = new Map(
    of('Authorizer').map((authorizer) => [
      authorizer.logicalId,
      tokenAuthorizer(authorizer, functionOfUri(String(authorizer.properties()['AuthorizerUri']))),
    ]),
  );
  // Resolved once: every request needs them.
  const methods = new Map(
    of('Method').map((method) => {
      const { Integration, AuthorizerId } = method.properties() as MethodProperties;
      return [
        method,
        { target: functionOfUri(Integration.Uri), authorize: authorizers.get(AuthorizerId ?? '') },
      ];
    }),
  );

  const serve = async (request: IncomingMessage, requestId: string): Promise<ProxyAnswer | Refused> => {
    const body = await readBody(request);
    if (body === undefined) return { refused: 'REQUEST_TOO_LARGE' };
    const { path, query } = requestTarget(request.url!);
    const match = matchRoute(root, path);
    if (match === null) return { refused: 'BAD_REQUEST_PARAMETERS' };
    const method = match && (match.node.methods.get(request.method!) ?? match.node.methods.get('ANY'));
    if (method === undefined) return { refused: 'MISSING_AUTHENTICATION_TOKEN' };
    const { target, authorize } = methods.get(method)!;

    const arn = `arn:aws:execute-api:${REGION}:${ACCOUNT}:${api!.logicalId}/${stage}/${request.method}${path}`;
    const authorization = authorize && (await authorize(request.headers.authorization, arn));
    if (authorization?.allowed === false) return { refused: authorization.because };
    const authorizer = authorization && { principalId: authorization.principalId, ...authorization.context };
    const context = { apiId: api!.logicalId, stage, requestId, authorizer, isBinary };
    const event = proxyEvent(request, body, { path, query, match: match! }, context);
    const outcome = await within(INTEGRATION_TIMEOUT_MS, target.invoke(event));
    if (outcome === undefined) return { refused: 'INTEGRATION_TIMEOUT' };
    return proxyAnswer(outcome) ?? { refused: 'DEFAULT_5XX' };
  };

  return createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    const requestId = randomUUID();
    try {
      const answer = await serve(request, requestId);
      const said = 'refused' in answer ? gatewayResponse(answer.refused, requestId) : answer;
      response.writeHead(said.status, {
        ...said.headers,
        'content-length': Buffer.byteLength(said.body),
        'x-amzn-requestid': requestId,
        ...('refused' in answer && answer.refused === 'REQUEST_TOO_LARGE' ? { connection: 'close' } : {}),
      });
      response.end(request.method === 'HEAD' ? undefined : said.body);
    } catch (error) {
      fail(error, request, response);
    }
  });
}

/** A client that went away needs no answer; anything else is a fault of this host. */
function fail(error: unknown, request: IncomingMessage, response: ServerResponse): void {
  if (!request.destroyed || request.complete) console.error(error);
  response.destroy();
}

/** The path as it was sent, be it alone or behind a scheme and host, and the query. */
function requestTarget(url: string): { path: string; query: URLSearchParams } {
  const [before, ...query] = url.split('?');
  const path = before!.replace(/^https?:\/\/[^/]*/i, '');
  return { path: path.startsWith('/') ? path : `/${path}`, query: new URLSearchParams(query.join('?')) };
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > REQUEST_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What a promise comes to within a time; undefined after it. */
async function within<T>(timeoutMs: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((done) => {
    timer = setTimeout(done, timeoutMs, undefined);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
