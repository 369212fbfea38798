import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';

type GatewayResponseSpec = { type: ResponseType; status: number; body: string; authenticate?: true };

const detail = (text: string, code: string): string => JSON.stringify({ detail: text, code });

const NOT_FOUND = detail('Not found.', 'not_found');
/** Without a waiting time and Retry-After, because API Gateway does not publish when its token bucket refills. */
export const THROTTLED = detail('Request was throttled.', 'throttled');
const SERVER_ERROR = detail('A server error occurred.', 'error');

/** Headers of every response, the same as in functions/edge/http.ts. */
export const STATIC_HEADERS = { Vary: 'Accept', 'X-Content-Type-Options': 'nosniff' };

/** Header mappings of gateway responses. A value is static in single quotes, or a context variable (source: API Gateway, "Parameter mapping source reference"). */
const HEADERS = {
  ...Object.fromEntries(Object.entries(STATIC_HEADERS).map(([name, value]) => [name, `'${value}'`])),
  'x-kraken-correlation-id': 'context.requestId',
};

/** API Gateway's own responses, with the contract's statuses and bodies (source: the contract, "Every other answer"). */
const RESPONSES: readonly GatewayResponseSpec[] = [
  {
    type: ResponseType.UNAUTHORIZED,
    status: 401,
    body: detail('Authentication credentials were not provided.', 'not_authenticated'),
    authenticate: true,
  },
  {
    // The authorizer denies invalid tokens only. The functions check the role's permissions.
    type: ResponseType.ACCESS_DENIED,
    status: 401,
    body: detail('Invalid token.', 'authentication_failed'),
    authenticate: true,
  },
  // API Gateway uses this type for an unknown path or method.
  { type: ResponseType.MISSING_AUTHENTICATION_TOKEN, status: 404, body: NOT_FOUND },
  { type: ResponseType.RESOURCE_NOT_FOUND, status: 404, body: NOT_FOUND },
  {
    type: ResponseType.REQUEST_TOO_LARGE,
    status: 413,
    body: detail('Request body exceeds 262144 bytes.', 'request_too_large'),
  },
  { type: ResponseType.THROTTLED, status: 429, body: THROTTLED },
  {
    // A malformed request, such as a broken percent-encoding. The code is that of Django REST framework's ParseError.
    type: ResponseType.DEFAULT_4XX,
    status: 400,
    body: '{"detail":$context.error.messageString,"code":"parse_error"}',
  },
  {
    // Otherwise DEFAULT_4XX would apply, with status 400. The firewall's only rule has its own response.
    type: ResponseType.WAF_FILTERED,
    status: 403,
    body: detail('You do not have permission to perform this action.', 'permission_denied'),
  },
  // Lambda's throttling of a function or of the authorizer leads to one of these two types. API Gateway documents neither, both were
  // observed (source: AWS re:Post, "API Gateway proxy integration does not forward Lambda throttling"). 503 invites a retry, which is safe
  // after any other failure of a function, too.
  { type: ResponseType.INTEGRATION_FAILURE, status: 503, body: SERVER_ERROR },
  { type: ResponseType.DEFAULT_5XX, status: 503, body: SERVER_ERROR },
  { type: ResponseType.INTEGRATION_TIMEOUT, status: 503, body: SERVER_ERROR },
];

/** Adds the gateway responses to the API. */
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
