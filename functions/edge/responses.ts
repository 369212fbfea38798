import { ERRORS_BYTES_MAX } from '../../shared/contract/error-body.ts';
import type { Rejection } from '../../shared/scenarios/request-scenarios.ts';

/** An endpoint's response. The body is sent as JSON; as text if the headers have a `Content-Type`; bytes are sent as they are. */
export type ApiResponse = { status: number; body: unknown; headers?: Record<string, string> };

export const ok = (body: unknown): ApiResponse => ({ status: 200, body });
export const created = (body: unknown): ApiResponse => ({ status: 201, body });
export const badRequest = (body: unknown): ApiResponse => ({ status: 400, body });

/** Maximum size of a request body. The import must fit one DynamoDB item, of 400 KB (source: the contract, 413). */
export const BODY_BYTES_MAX = 262_144;

/**
 * Maximum size of a response body, in bytes. Lambda returns at most 6 MB of JSON (source: Lambda quotas, "Invocation payload"), and API
 * Gateway responds with 502 to more. The body is a string in that JSON: escaping its quotes can double it. Only errors come near the
 * limit: they can be forty times as long as the data that they are about.
 */
export const RESPONSE_BYTES_MAX = ERRORS_BYTES_MAX;

/** Thrown to end a request with an error response. Not for unexpected errors, which are 500 or 503. */
export class HttpError extends Error {
  override name = 'HttpError';
  readonly response: ApiResponse;
  constructor(status: number, body: unknown, headers?: Record<string, string>) {
    super(`HTTP ${status}`);
    this.response = { status, body, ...(headers === undefined ? {} : { headers }) };
  }
}

/** The API's errors, with upstream's texts, which are Django REST framework's (source: the contract, "Every other answer"). */
export const httpErrors = {
  notJson: (reason: string) =>
    new HttpError(400, { detail: `JSON parse error - ${reason}`, code: 'parse_error' }),
  /** Not upstream's: it has no such limit. */
  tooManyErrors: () =>
    new HttpError(400, { detail: `The errors exceed ${RESPONSE_BYTES_MAX} bytes.`, code: 'too_many_errors' }),
  invalidToken: () =>
    new HttpError(
      401,
      { detail: 'Invalid token.', code: 'authentication_failed' },
      { 'WWW-Authenticate': 'Token' },
    ),
  permissionDenied: () =>
    new HttpError(403, {
      detail: 'You do not have permission to perform this action.',
      code: 'permission_denied',
    }),
  notFound: () => new HttpError(404, { detail: 'The requested resource was not found.', code: 'not_found' }),
  methodNotAllowed: (method: string, allowed: readonly string[]) =>
    new HttpError(
      405,
      { detail: `Method "${method}" not allowed.`, code: 'method_not_allowed' },
      { Allow: allowed.join(', ') },
    ),
  notAcceptable: () =>
    new HttpError(406, {
      detail: 'Could not satisfy the request Accept header.',
      code: 'not_acceptable',
    }),
  bodyTooLarge: () =>
    new HttpError(413, {
      detail: `Request body exceeds ${BODY_BYTES_MAX} bytes.`,
      code: 'request_too_large',
    }),
  unsupportedMediaType: (mediaType: string) =>
    new HttpError(415, {
      detail: `Unsupported media type "${mediaType}" in request.`,
      code: 'unsupported_media_type',
    }),
};

const SERVER_ERROR = { detail: 'A server error occurred.', code: 'error' };

/** The response to a create request that a scenario rejects (source: the contract, "Every other answer"). */
export function scenarioResponse(rejection: Rejection): ApiResponse {
  if (rejection.kind === 'outage') return { status: 503, body: SERVER_ERROR };
  const { retryAfterSeconds: seconds } = rejection;
  const detail = `Request was throttled. Expected available in ${seconds} second${seconds === 1 ? '' : 's'}.`;
  return {
    status: 429,
    body: { detail, code: 'throttled' },
    headers: { 'Retry-After': String(seconds) },
  };
}

/** Names of transient errors, which are 503 because the client may retry (source: AWS SDK error names). */
const TRANSIENT_ERRORS = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'SubmissionContended',
  'ThrottlingException',
  'TimeoutError',
]);

/** Maps a thrown error to a response: an HttpError to its own, transient errors to 503, all others to 500. Unexpected errors must be logged. */
export function responseTo(error: unknown): { response: ApiResponse; isUnexpected: boolean } {
  if (error instanceof HttpError) return { response: error.response, isUnexpected: false };
  const isTransient = error instanceof Error && TRANSIENT_ERRORS.has(error.name);
  return { response: { status: isTransient ? 503 : 500, body: SERVER_ERROR }, isUnexpected: true };
}
