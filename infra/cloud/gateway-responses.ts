import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';

type GatewayResponseSpec = { type: ResponseType; status: number; body: string; authenticate?: true };

const detail = (text: string, code: string): string => JSON.stringify({ detail: text, code });

const NOT_FOUND = detail('Not found.', 'not_found');
/** Without a second sentence and Retry-After: API Gateway does not say when its bucket has tokens again. */
export const THROTTLED = detail('Request was throttled.', 'throttled');
const SERVER_ERROR = detail('A server error occurred.', 'error');

/** In every answer, as functions/edge/http.ts has them. */
export const STATIC_HEADERS = { Vary: 'Accept', 'X-Content-Type-Options': 'nosniff' };

/** The same in the form of API Gateway's mappings. Values are static, or context variables (source: API Gateway, "Parameter mapping source reference"). */
const HEADERS = {
  ...Object.fromEntries(Object.entries(STATIC_HEADERS).map(([name, value]) => [name, `'${value}'`])),
  'x-kraken-correlation-id': 'context.requestId',
};

/** What API Gateway answers itself, with the contract's statuses and bodies (source: the contract, "Every other answer"). */
const RESPONSES: readonly GatewayResponseSpec[] = [
  {
    type: ResponseType.UNAUTHORIZED,
    status: 401,
    body: detail('Authentication credentials were not provided.', 'not_authenticated'),
    authenticate: true,
  },
  {
    // The authorizer denies tokens that are not valid and nothing else: what a role may not do, the functions answer.
    type: ResponseType.ACCESS_DENIED,
    status: 401,
    body: detail('Invalid token.', 'authentication_failed'),
    authenticate: true,
  },
  // API Gateway's name for "there is no such path or method".
  { type: ResponseType.MISSING_AUTHENTICATION_TOKEN, status: 404, body: NOT_FOUND },
  { type: ResponseType.RESOURCE_NOT_FOUND, status: 404, body: NOT_FOUND },
  {
    type: ResponseType.REQUEST_TOO_LARGE,
    status: 413,
    body: detail('Request body exceeds 262144 bytes.', 'request_too_large'),
  },
  { type: ResponseType.THROTTLED, status: 429, body: THROTTLED },
  {
    // What is no request, such as a broken percent-encoding: Django REST framework's code for one that cannot be read.
    type: ResponseType.DEFAULT_4XX,
    status: 400,
    body: '{"detail":$context.error.messageString,"code":"parse_error"}',
  },
  {
    // Set, because the status of DEFAULT_4XX would be its own: the firewall's rate limit answers by itself, and nothing else blocks.
    type: ResponseType.WAF_FILTERED,
    status: 403,
    body: detail('You do not have permission to perform this action.', 'permission_denied'),
  },
  // A function that Lambda throttles is one of these two: API Gateway documents neither, and both were seen (source: AWS re:Post, "API
  // Gateway proxy integration does not forward Lambda throttling"). The same for an authorizer that is throttled. 503 says that it may
  // be tried again, which does no harm where a function failed for another reason.
  { type: ResponseType.INTEGRATION_FAILURE, status: 503, body: SERVER_ERROR },
  { type: ResponseType.DEFAULT_5XX, status: 503, body: SERVER_ERROR },
  { type: ResponseType.INTEGRATION_TIMEOUT, status: 503, body: SERVER_ERROR },
];

/** Gives the API these answers. */
export function addGatewayResponses(api: RestApi): void {
  for (const { type, status, body, authenticate } of RESPONSES) {
    api.addGatewayResponse(`answer-${type.responseType}`, {
      type,
      statusCode: String(status),
      templates: { 'application/json': body },
      responseHeaders: { ...HEADERS, ...(authenticate && { 'WWW-Authenticate': "'Token'" }) },
    });
  }
}
