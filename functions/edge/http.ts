import middy from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { isPermitted, type Permission } from '../../shared/suppliers/tokens.ts';
import { ANSWER_BYTES_MAX, type Answer, answerTo, refusal } from './answers.ts';
import { describeError, log } from './log.ts';
import { type ApiRequest, readRequest } from './request.ts';

/** What enters at the edge: the time of the request (epoch ms). */
type Circumstances = { now: number };

/** A request whose caller is known. */
export type AuthorizedRequest = ApiRequest & { caller: NonNullable<ApiRequest['caller']> };

/**
 * An endpoint for callers with a permission: 401 is the authorizer's; 406 and then 403 are answered here, before the body is
 * looked at, as Django REST framework does (source: `APIView.initial`).
 */
export function httpEndpoint(
  permission: Permission,
  answer: (request: AuthorizedRequest, circumstances: Circumstances) => Promise<Answer> | Answer,
) {
  return openEndpoint((request, circumstances) => {
    const { caller } = request;
    if (caller === undefined) throw new Error('The route has no authorizer.');
    if (!request.acceptsJson) throw refusal.notAcceptable();
    if (!isPermitted(caller.role, permission)) throw refusal.permissionDenied();
    return answer({ ...request, caller }, circumstances);
  });
}

/** An endpoint for everybody. */
export function openEndpoint(
  answer: (request: ApiRequest, circumstances: Circumstances) => Promise<Answer> | Answer,
) {
  return middy<APIGatewayProxyEvent, APIGatewayProxyResult, Error, Context>()
    .use({
      before: ({ context }) => log.addContext(context),
      after: ({ event, response }) => logAnswer(event, response?.statusCode),
      onError: (request) => {
        const { answer: said, unforeseen } = answerTo(request.error);
        if (unforeseen) {
          const { requestId } = request.event.requestContext;
          log.error('request failed', { api_request_id: requestId, error: describeError(request.error) });
        }
        request.response = toResult(said, request.event);
        logAnswer(request.event, said.status);
      },
    })
    .handler(async (event) => {
      const [request, now] = [readRequest(event), Date.now()];
      mustNotBeExpired(request, now);
      return toResult(await answer(request, { now }), event);
    });
}

/**
 * Ends a token on time, although API Gateway remembers the authorizer's answer for longer.
 *
 * @throws Refusal 401
 */
function mustNotBeExpired({ caller }: ApiRequest, now: number): void {
  if (caller?.expiresAt !== undefined && now >= caller.expiresAt) throw refusal.invalidToken();
}

function logAnswer(event: APIGatewayProxyEvent, status: number | undefined): void {
  log.info('request answered', {
    api_request_id: event.requestContext.requestId,
    method: event.httpMethod,
    resource: event.resource,
    status,
  });
}

/** Where there are more errors than can be told, the result says that. */
function toResult({ status, body, headers }: Answer, event: APIGatewayProxyEvent): APIGatewayProxyResult {
  const text = headers?.['Content-Type'] === undefined ? JSON.stringify(body) : String(body);
  if (Buffer.byteLength(text) > ANSWER_BYTES_MAX) {
    if (status !== 400) throw new Error(`An answer with status ${status} has ${text.length} characters.`);
    return toResult({ ...refusal.tooManyErrors().answer, ...(headers && { headers }) }, event);
  }
  return {
    statusCode: status,
    headers: {
      'Content-Type': 'application/json',
      // In every answer (source: the contract); API Gateway's own get them in infra/cloud/gateway-responses.ts.
      Vary: 'Accept',
      'X-Content-Type-Options': 'nosniff',
      'x-kraken-correlation-id': event.requestContext.requestId,
      ...headers,
    },
    body: text,
  };
}
