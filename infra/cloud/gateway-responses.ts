import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { API_ERRORS, type ApiErrorName, apiErrorBody } from '../../shared/api/errors.ts';

type GatewayResponseSpec = { type: ResponseType; status: number; body: string; authenticate?: true };

/** Returns the status and body of an error of the API. */
const apiError = (name: ApiErrorName) => ({
  status: API_ERRORS[name].status,
  body: JSON.stringify(apiErrorBody(name)),
});

/** Without a waiting time and Retry-After, because API Gateway does not publish when its token bucket refills. */
export const THROTTLED = JSON.stringify(apiErrorBody('throttled'));

/** Headers of every response, the same as in functions/edge/http.ts. */
export const STATIC_HEADERS = { Vary: 'Accept', 'X-Content-Type-Options': 'nosniff' };

/** Header mappings of gateway responses. A value is static in single quotes, or a context variable (source: API Gateway, "Parameter mapping source reference"). */
const HEADERS = {
  ...Object.fromEntries(Object.entries(STATIC_HEADERS).map(([name, value]) => [name, `'${value}'`])),
  'x-kraken-correlation-id': 'context.requestId',
};

/** API Gateway's own responses, with the contract's statuses and bodies (source: the contract, "Every other answer"). */
const RESPONSES: readonly GatewayResponseSpec[] = [
  { type: ResponseType.UNAUTHORIZED, ...apiError('notAuthenticated'), authenticate: true },
  // The authorizer denies invalid tokens only. The functions check the role's permissions.
  { type: ResponseType.ACCESS_DENIED, ...apiError('invalidToken'), authenticate: true },
  // API Gateway uses this type for an unknown path or method.
  { type: ResponseType.MISSING_AUTHENTICATION_TOKEN, ...apiError('unknownPath') },
  { type: ResponseType.RESOURCE_NOT_FOUND, ...apiError('unknownPath') },
  { type: ResponseType.REQUEST_TOO_LARGE, ...apiError('bodyTooLarge') },
  { type: ResponseType.THROTTLED, ...apiError('throttled') },
  {
    // A malformed request, such as a broken percent-encoding. The code is that of Django REST framework's ParseError.
    type: ResponseType.DEFAULT_4XX,
    status: API_ERRORS.malformedRequest.status,
    body: `{"detail":$context.error.messageString,"code":"${API_ERRORS.malformedRequest.code}"}`,
  },
  // Otherwise DEFAULT_4XX would apply, with status 400. The firewall's only rule has its own response.
  { type: ResponseType.WAF_FILTERED, ...apiError('permissionDenied') },
  // Lambda's throttling of a function or of the authorizer leads to one of these two types. API Gateway documents neither, both were
  // observed (source: AWS re:Post, "API Gateway proxy integration does not forward Lambda throttling"). 503 invites a retry, which is safe
  // after any other failure of a function, too.
  { type: ResponseType.INTEGRATION_FAILURE, ...apiError('unavailable') },
  { type: ResponseType.DEFAULT_5XX, ...apiError('unavailable') },
  { type: ResponseType.INTEGRATION_TIMEOUT, ...apiError('unavailable') },
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
