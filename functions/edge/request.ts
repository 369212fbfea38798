import type { APIGatewayProxyEvent } from 'aws-lambda';
import * as v from 'valibot';
import { readJson } from '../../shared/contract/json-body.ts';
import { NotJson } from '../../shared/contract/python-json.ts';
import { Caller } from '../../shared/suppliers/authenticate.ts';
import { acceptsJson } from './accept.ts';
import { BODY_BYTES_MAX, httpErrors } from './responses.ts';

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
  /** The parsed body; of an empty one, `{}`. @throws HttpError 413, 415, 400, in this order. */
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
    json: () => readBody(event),
  };
}

function readCaller(context: APIGatewayProxyEvent['requestContext']['authorizer']): Caller | undefined {
  if (context?.['role'] === undefined) return undefined;
  const { token, expires_at: expiresAt } = context;
  return v.parse(Caller, {
    role: context['role'],
    suppliers: JSON.parse(String(context['suppliers'])),
    ...(token !== undefined && { token: JSON.parse(String(token)) }),
    ...(expiresAt !== undefined && { expiresAt: Number(expiresAt) }),
  });
}

function readBody(event: APIGatewayProxyEvent): unknown {
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (body.byteLength > BODY_BYTES_MAX) throw httpErrors.bodyTooLarge();
  // What Django REST framework takes no body for, it reads as an empty object, whatever its type (source: Request._parse).
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

/** The `charset` parameter of a content type. */
function charsetIn(contentType: string): string | undefined {
  const [, quoted, plain] = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;"]+))/i.exec(contentType) ?? [];
  return quoted ?? plain;
}

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
