import type { IncomingMessage } from 'node:http';
import type { InvocationResult } from '../functions.ts';
import { ACCOUNT } from '../resource.ts';
import type { Match } from './routes.ts';

/** What an event tells of the API besides the request. */
export type EventContext = {
  apiId: string;
  stage: string;
  requestId: string;
  authorizer: Record<string, unknown> | undefined;
  isBinary: boolean;
};

/** The event that a Lambda proxy integration hands to its function (source: API Gateway, payload format 1.0). */
export function proxyEvent(
  request: IncomingMessage,
  body: Buffer,
  { path, query, match }: { path: string; query: URLSearchParams; match: Match },
  context: EventContext,
): object {
  const { headers, multiValueHeaders } = headersOf(request);
  const queried = [...query];
  const now = new Date();
  return {
    resource: match.node.path,
    path,
    httpMethod: request.method,
    headers,
    multiValueHeaders,
    queryStringParameters: queried.length === 0 ? null : Object.fromEntries(queried),
    multiValueQueryStringParameters:
      queried.length === 0 ? null : Object.fromEntries(queried.map(([name]) => [name, query.getAll(name)])),
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

/** The headers as they were written; of one that is repeated, the last and all (source: API Gateway, payload format 1.0). */
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

export type ProxyAnswer = { status: number; headers: Record<string, string | string[]>; body: Buffer };

/** What a function answered, as HTTP; undefined where it failed, or answered what is no answer of a proxy integration. */
export function proxyAnswer(outcome: InvocationResult): ProxyAnswer | undefined {
  if ('error' in outcome || typeof outcome.result !== 'object' || outcome.result === null) return undefined;
  const answer = outcome.result as {
    statusCode?: unknown;
    headers?: Record<string, string>;
    multiValueHeaders?: Record<string, string[]>;
    body?: unknown;
    isBase64Encoded?: boolean;
  };
  const status = Number(answer.statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return undefined;
  if (answer.body !== undefined && answer.body !== null && typeof answer.body !== 'string') return undefined;
  return {
    status,
    headers: {
      'content-type': 'application/json',
      ...lowerCased(answer.headers),
      ...lowerCased(answer.multiValueHeaders),
    },
    body: Buffer.from(answer.body ?? '', answer.isBase64Encoded ? 'base64' : 'utf8'),
  };
}

/** API Gateway renames this one of a function's headers (source: "Amazon API Gateway important notes", REST APIs). */
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
