import middy from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import {
  type AuthorizedOperationName,
  OPERATIONS,
  type Operation,
  type OperationsOf,
  operationAt,
} from '../../shared/api/operations.ts';
import { isPermitted } from '../../shared/suppliers/tokens.ts';
import { conditional } from './etag.ts';
import { describeError, log } from './log.ts';
import { type ApiRequest, readRequest } from './request.ts';
import { type ApiResponse, httpErrors, RESPONSE_BYTES_MAX, responseTo } from './responses.ts';

/** A request with an authenticated caller. */
export type AuthorizedRequest = ApiRequest & { caller: NonNullable<ApiRequest['caller']> };

type Handle = (request: AuthorizedRequest) => Promise<ApiResponse> | ApiResponse;

/** Makes an operation's handler for callers whose token permits it. */
export function httpEndpoint(operation: AuthorizedOperationName, handle: Handle) {
  const { isPolled }: Operation = OPERATIONS[operation];
  return openEndpoint(async (request) => {
    const response = await handle(authorized(operation, request));
    return isPolled === true ? conditional(request, response) : response;
  });
}

/** Makes the handler of a function that handles several operations, for callers whose token permits them. */
export function httpEndpoints<Name extends string>(
  _name: Name,
  handles: Readonly<Record<OperationsOf<Name>, Handle>>,
) {
  return openEndpoint((request) => {
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const operation = operationAt(method, request.resource) as OperationsOf<Name>;
    return handles[operation](authorized(operation, request));
  });
}

/**
 * Returns the request with its caller. 406 and then 403 come before the body is parsed, as in Django REST framework (source:
 * `APIView.initial`). 401 is the authorizer's.
 *
 * @throws HttpError 406, 403
 */
function authorized(operation: AuthorizedOperationName, request: ApiRequest): AuthorizedRequest {
  const { caller } = request;
  if (caller === undefined) throw new Error('The route has no authorizer.');
  if (!request.acceptsJson) throw httpErrors.notAcceptable();
  if (!isPermitted(caller, OPERATIONS[operation].access)) throw httpErrors.permissionDenied();
  return { ...request, caller };
}

/** Makes a handler for all callers, including those without a token. */
export function openEndpoint(handle: (request: ApiRequest) => Promise<ApiResponse> | ApiResponse) {
  return middy<APIGatewayProxyEvent, APIGatewayProxyResult, Error, Context>()
    .use({
      before: ({ context }) => log.addContext(context),
      after: ({ event, response }) => logResponse(event, response?.statusCode),
      onError: (request) => {
        const { response, isUnexpected } = responseTo(request.error);
        if (isUnexpected) {
          const { requestId } = request.event.requestContext;
          log.error('request failed', { api_request_id: requestId, error: describeError(request.error) });
        }
        request.response = toResult(response, request.event);
        logResponse(request.event, response.status);
      },
    })
    .handler(async (event) => {
      const request = readRequest(event, Date.now());
      assertNotExpired(request);
      return toResult(await handle(request), event);
    });
}

/**
 * Rejects an expired token, which API Gateway may still accept because it caches the authorizer's policy.
 *
 * @throws HttpError 401
 */
function assertNotExpired({ caller, now }: ApiRequest): void {
  if (caller?.expiresAt !== undefined && now >= caller.expiresAt) throw httpErrors.invalidToken();
}

function logResponse(event: APIGatewayProxyEvent, status: number | undefined): void {
  log.info('request answered', {
    api_request_id: event.requestContext.requestId,
    method: event.httpMethod,
    resource: event.resource,
    status,
  });
}

/** Converts a response for API Gateway. Errors that exceed {@link RESPONSE_BYTES_MAX} become `too_many_errors`. */
function toResult(
  { status, body, headers }: ApiResponse,
  event: APIGatewayProxyEvent,
): APIGatewayProxyResult {
  const isBytes = body instanceof Uint8Array;
  const text = isBytes ? '' : headers?.['Content-Type'] === undefined ? JSON.stringify(body) : String(body);
  if (Buffer.byteLength(text) > RESPONSE_BYTES_MAX) {
    if (status !== 400) throw new Error(`An answer with status ${status} has ${text.length} characters.`);
    return toResult({ ...httpErrors.tooManyErrors().response, ...(headers && { headers }) }, event);
  }
  return {
    statusCode: status,
    headers: {
      'Content-Type': 'application/json',
      // Headers of every response (source: the contract). infra/cloud/gateway-responses.ts sets them on API Gateway's own responses.
      Vary: 'Accept',
      'X-Content-Type-Options': 'nosniff',
      'x-kraken-correlation-id': event.requestContext.requestId,
      ...headers,
    },
    ...(isBytes ? { body: Buffer.from(body).toString('base64'), isBase64Encoded: true } : { body: text }),
  };
}
