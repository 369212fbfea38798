import type { IncomingMessage } from 'node:http';
import type { InvocationResult } from '../functions.ts';
import { ACCOUNT } from '../resource.ts';
import type { Match } from './routes.ts';

/** The parts of an event that are not from the request. */
export type EventContext = {
  apiId: string;
  stage: string;
  requestId: string;
  authorizer: Record<string, unknown> | undefined;
  isBinary: boolean;
};

/** The event of a Lambda proxy integration (source: API Gateway, payload format 1.0). */
export function proxyEvent(
  request: IncomingMessage,
  body: Buffer,
  { path, query, match }: { path: string; query: URLSearchParams; match: Match },
  context: EventContext,
): object {
  const { headers, multiValueHeaders } = headersOf(request);
  const parameters = [...query];
  const now = new Date();
  return {
    resource: match.node.path,
    path,
    httpMethod: request.method,
    headers,
    multiValueHeaders,
    queryStringParameters: parameters.length === 0 ? null : Object.fromEntries(parameters),
    multiValueQueryStringParameters:
      parameters.length === 0
        ? null
        : Object.fromEntries(parameters.map(([name]) => [name, query.getAll(name)])),
    pathParameters: Object.keys(match.parameters).length === 0 ? null : match.parameters,
    stageVariables: null,
    requestContext: {
      accountId: ACCOUNT,
      apiId: context.apiId,
      ...(context.authorizer && { authorizer: context.authorizer }),
      httpMethod: request.method,
      identity: { sourceIp: request.socket.remoteAddress, userAgent: request.headers['user-agent'] ?? null },
      path: `/${context.stage}${path}`,
      protocol: `HTTP/${request.httpVersion}`,
      requestId: context.requestId,
      requestTime: now.toUTCString(),
      requestTimeEpoch: now.getTime(),
      resourcePath: match.node.path,
      stage: context.stage,
    },
    body: body.length === 0 ? null : body.toString(context.isBinary ? 'base64' : 'utf8'),
    isBase64Encoded: context.isBinary && body.length > 0,
  };
}

/** The headers with their names as sent: the last value and all values of each (source: API Gateway, payload format 1.0). */
function headersOf({ rawHeaders }: IncomingMessage) {
  const all = new Map<string, string[]>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    all.set(name, [...(all.get(name) ?? []), rawHeaders[index + 1]!]);
  }
  return {
    headers: Object.fromEntries([...all].map(([name, values]) => [name, values.at(-1)!])),
    multiValueHeaders: Object.fromEntries(all),
  };
}

export type ProxyResponse = { status: number; headers: Record<string, string | string[]>; body: Buffer };

/** A function's result as an HTTP response; undefined if it failed or is not a valid response of a proxy integration. */
export function proxyResponse(outcome: InvocationResult): ProxyResponse | undefined {
  if ('error' in outcome || typeof outcome.result !== 'object' || outcome.result === null) return undefined;
  const response = outcome.result as {
    statusCode?: unknown;
    headers?: Record<string, string>;
    multiValueHeaders?: Record<string, string[]>;
    body?: unknown;
    isBase64Encoded?: boolean;
  };
  const status = Number(response.statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return undefined;
  if (response.body !== undefined && response.body !== null && typeof response.body !== 'string')
    return undefined;
  return {
    status,
    headers: {
      'content-type': 'application/json',
      ...lowerCased(response.headers),
      ...lowerCased(response.multiValueHeaders),
    },
    body: Buffer.from(response.body ?? '', response.isBase64Encoded ? 'base64' : 'utf8'),
  };
}

/** API Gateway renames this response header of functions (source: "Amazon API Gateway important notes", REST APIs). */
const RENAMED: Readonly<Record<string, string>> = {
  'www-authenticate': 'x-amzn-remapped-www-authenticate',
};

const lowerCased = <T>(headers: Record<string, T> = {}): Record<string, T> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const lower = name.toLowerCase();
      return [RENAMED[lower] ?? lower, value];
    }),
  );
