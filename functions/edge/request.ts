import type { APIGatewayProxyEvent } from 'aws-lambda';
import * as v from 'valibot';
import { Caller } from '../../shared/suppliers/authenticate.ts';
import { acceptsJson } from './accept.ts';
import { BODY_BYTES_MAX, refusal } from './answers.ts';

/** A request as the endpoints see it. */
export type ApiRequest = {
  method: string;
  /** The route's template, such as `/v2/…/{supplier}/{identifier}`: `event.path` would keep a last slash. */
  resource: string;
  /** The path's parameters, decoded. */
  parameters: Readonly<Record<string, string | undefined>>;
  /** Who calls; absent where the route needs no token. */
  caller: Caller | undefined;
  /** Whether the Accept headers allow an answer in JSON. */
  acceptsJson: boolean;
  /** The parsed body. @throws Refusal 413, 415, 400, in this order. */
  json(): unknown;
};

/** Reads API Gateway's event. The authorizer's context is trusted, but checked: a wrong one is a fault of ours. */
export function readRequest(event: APIGatewayProxyEvent): ApiRequest {
  return {
    method: event.httpMethod,
    resource: event.resource,
    parameters: event.pathParameters ?? {},
    caller: readCaller(event.requestContext.authorizer),
    acceptsJson: acceptsJson(acceptHeader(event)),
    json: () => readJson(event),
  };
}

function readCaller(context: APIGatewayProxyEvent['requestContext']['authorizer']): Caller | undefined {
  if (context?.['role'] === undefined) return undefined;
  const expiresAt = context['expires_at'];
  return v.parse(Caller, {
    role: context['role'],
    suppliers: JSON.parse(String(context['suppliers'])),
    ...(expiresAt !== undefined && { expiresAt: Number(expiresAt) }),
  });
}

function readJson(event: APIGatewayProxyEvent): unknown {
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (body.byteLength > BODY_BYTES_MAX) throw refusal.bodyTooLarge();
  const contentType = header(event, 'content-type') ?? '';
  if (!isJson(contentType)) throw refusal.unsupportedMediaType(contentType);
  try {
    return JSON.parse(utf8(body));
  } catch (error) {
    throw refusal.notJson(error instanceof SyntaxError ? error.message : 'the body is not UTF-8');
  }
}

// A body in another encoding must not be read as if it were UTF-8, with names that nobody wrote; a byte order mark is no JSON.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf8 = (body: Uint8Array): string => decoder.decode(body);

const isJson = (contentType: string): boolean =>
  contentType.split(';', 1)[0]!.trim().toLowerCase() === 'application/json';

/** A header by its name in lower case: clients and proxies write them in any case. */
function header(event: APIGatewayProxyEvent, name: string): string | undefined {
  const found = Object.entries(event.headers ?? {}).find(([key]) => key.toLowerCase() === name);
  return found?.[1];
}

/** All Accept headers as one, as WSGI servers hand them to Django; undefined where there is none. */
function acceptHeader({ multiValueHeaders }: APIGatewayProxyEvent): string | undefined {
  const found = Object.entries(multiValueHeaders ?? {}).filter(([key]) => key.toLowerCase() === 'accept');
  return found.length === 0 ? undefined : found.flatMap(([, values]) => values ?? []).join(',');
}
