import { API_ERRORS, type ApiErrorName, apiErrorBody } from '../../shared/api/errors.ts';
import { ERRORS_BYTES_MAX } from '../../shared/contract/error-body.ts';
import type { Rejection } from '../../shared/scenarios/request-scenarios.ts';

/** An endpoint's response. The body is sent as JSON; as text if the headers have a `Content-Type`; bytes are sent as they are. */
export type ApiResponse = { status: number; body: unknown; headers?: Record<string, string> };

export const ok = (body: unknown): ApiResponse => ({ status: 200, body });
export const created = (body: unknown): ApiResponse => ({ status: 201, body });
export const badRequest = (body: unknown): ApiResponse => ({ status: 400, body });

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

/** Makes an error of the API's table of errors. */
const apiError = (
  name: ApiErrorName,
  values?: Readonly<Record<string, string>>,
  headers?: Record<string, string>,
): HttpError => new HttpError(API_ERRORS[name].status, apiErrorBody(name, values), headers);

/** The API's errors that functions respond with. */
export const httpErrors = {
  notJson: (reason: string) => apiError('notJson', { reason }),
  tooManyErrors: () => apiError('tooManyErrors'),
  invalidToken: () => apiError('invalidToken', {}, { 'WWW-Authenticate': 'Token' }),
  permissionDenied: () => apiError('permissionDenied'),
  notFound: () => apiError('notFound'),
  methodNotAllowed: (method: string, allowed: readonly string[]) =>
    apiError('methodNotAllowed', { method }, { Allow: allowed.join(', ') }),
  notAcceptable: () => apiError('notAcceptable'),
  scenariosNotAllowed: (environment: string) => apiError('scenariosNotAllowed', { environment }),
  scenariosChanged: (revision: number) => apiError('scenariosChanged', { revision: String(revision) }),
  tokenRevoked: (token: string) => apiError('tokenRevoked', { token }),
  lastAdministrator: (token: string) => apiError('lastAdministrator', { token }),
  bodyTooLarge: () => apiError('bodyTooLarge'),
  unsupportedMediaType: (mediaType: string) => apiError('unsupportedMediaType', { type: mediaType }),
};

const SERVER_ERROR = apiErrorBody('serverError');

/** The response to a create request that a scenario rejects (source: the contract, "Every other answer"). */
export function scenarioResponse(rejection: Rejection): ApiResponse {
  if (rejection.kind === 'outage') return { status: 503, body: SERVER_ERROR };
  const { retryAfterSeconds: seconds } = rejection;
  const { detail: throttled, code } = API_ERRORS.throttled;
  const detail = `${throttled} Expected available in ${seconds} second${seconds === 1 ? '' : 's'}.`;
  return {
    status: 429,
    body: { detail, code },
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
