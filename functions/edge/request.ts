import type { APIGatewayProxyEvent } from 'aws-lambda';
import * as v from 'valibot';
import { BODY_BYTES_MAX } from '../../shared/api/errors.ts';
import { readJson } from '../../shared/contract/json-body.ts';
import { NotJson } from '../../shared/contract/python-json.ts';
import { Caller } from '../../shared/suppliers/authenticate.ts';
import { acceptsJson } from './accept.ts';
import { httpErrors } from './responses.ts';

/** An HTTP request, as the endpoints receive it. */
export type ApiRequest = {
  method: string;
  /** The route's template, such as `/v2/…/{supplier}/{identifier}`. Unlike `event.path` it never has a trailing slash. */
  resource: string;
  /** The path as it was sent, with its trailing slash if it has one. */
  path: string;
  /** The path parameters, URL-decoded. */
  parameters: Readonly<Record<string, string | undefined>>;
  /** The query parameters, URL-decoded, each with all its values. */
  query: Readonly<Record<string, readonly string[] | undefined>>;
  /** When API Gateway received the request (epoch ms). Unlike `now` it is before a cold start. */
  receivedAt: number;
  /** When the function received the request (epoch ms). */
  now: number;
  /** The authenticated caller. Undefined on routes that need no token. */
  caller: Caller | undefined;
  /** Whether the Accept headers allow a JSON response. */
  acceptsJson: boolean;
  /** Returns a header by its name in lower case. */
  header(name: string): string | undefined;
  /** Parses the body. An empty one is `{}`. @throws HttpError 413, 415 or 400, checked in this order */
  json(): unknown;
};

/** Parses API Gateway's event. `now` is epoch ms. @throws ValiError if the authorizer's context is invalid, which is a bug of this app */
export function readRequest(event: APIGatewayProxyEvent, now: number): ApiRequest {
  return {
    method: event.httpMethod,
    resource: event.resource,
    path: event.path,
    parameters: event.pathParameters ?? {},
    query: event.multiValueQueryStringParameters ?? {},
    receivedAt: event.requestContext.requestTimeEpoch,
    now,
    caller: readCaller(event.requestContext.authorizer),
    acceptsJson: acceptsJson(acceptHeader(event)),
    header: (name) => header(event, name),
    json: () => readBody(event),
  };
}

function readCaller(context: APIGatewayProxyEvent['requestContext']['authorizer']): Caller | undefined {
  if (context?.['role'] === undefined) return undefined;
  const { token, expires_at: expiresAt } = context;
  return v.parse(Caller, {
    role: context['role'],
    suppliers: JSON.parse(String(context['suppliers'])),
    ...(context['has_every_supplier'] === 'true' && { hasEverySupplier: true }),
    ...(token !== undefined && { token: JSON.parse(String(token)) }),
    ...(expiresAt !== undefined && { expiresAt: Number(expiresAt) }),
  });
}

function readBody(event: APIGatewayProxyEvent): unknown {
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (body.byteLength > BODY_BYTES_MAX) throw httpErrors.bodyTooLarge();
  // Django REST framework parses an empty body as an empty object, whatever its content type (source: Request._parse).
  if (body.byteLength === 0) return {};
  const contentType = header(event, 'content-type') ?? '';
  if (!isJson(contentType)) throw httpErrors.unsupportedMediaType(contentType);
  try {
    return readJson(body, charsetIn(contentType));
  } catch (error) {
    throw error instanceof NotJson ? httpErrors.notJson(error.message) : error;
  }
}

const isJson = (contentType: string): boolean =>
  contentType.split(';', 1)[0]!.trim().toLowerCase() === 'application/json';

/** Returns the `charset` parameter of a content type. */
function charsetIn(contentType: string): string | undefined {
  const [, quoted, plain] = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;"]+))/i.exec(contentType) ?? [];
  return quoted ?? plain;
}

/** Returns a header. `name` is in lower case; the request's header names may be in any case. */
function header(event: APIGatewayProxyEvent, name: string): string | undefined {
  const found = Object.entries(event.headers ?? {}).find(([key]) => key.toLowerCase() === name);
  return found?.[1];
}

/** Joins all Accept headers, as WSGI servers do for Django. Undefined if there is none. */
function acceptHeader({ multiValueHeaders }: APIGatewayProxyEvent): string | undefined {
  const found = Object.entries(multiValueHeaders ?? {}).filter(([key]) => key.toLowerCase() === 'accept');
  return found.length === 0 ? undefined : found.flatMap(([, values]) => values ?? []).join(',');
}
