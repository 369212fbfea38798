import { ERRORS_BYTES_MAX } from '../../shared/contract/error-body.ts';
import type { Rejection } from '../../shared/scenarios/request-scenarios.ts';

/** What an endpoint answers. The body becomes JSON, unless its headers have another `Content-Type`: then it is text. */
export type ApiResponse = { status: number; body: unknown; headers?: Record<string, string> };

export const ok = (body: unknown): ApiResponse => ({ status: 200, body });
export const created = (body: unknown): ApiResponse => ({ status: 201, body });
export const badRequest = (body: unknown): ApiResponse => ({ status: 400, body });

/** Largest request body: what it asks for must fit one DynamoDB item, of 400 KB (source: the contract, 413). */
export const BODY_BYTES_MAX = 262_144;

/**
 * Largest answer's body, in bytes. Lambda hands over at most 6 MB of JSON (source: Lambda quotas, "Invocation payload"), in which the
 * body stands as text: each of its quotes takes two bytes, so a body can double. Beyond that API Gateway would answer 502. What is
 * valid never comes near: validation adds less to a request than the request has. Errors can be forty times as long as what they
 * are about.
 */
export const RESPONSE_BYTES_MAX = ERRORS_BYTES_MAX;

/** Thrown to end a request with an answer that is not what was asked for. Deliberately not for unforeseen failures: those are 500. */
export class HttpError extends Error {
  override name = 'HttpError';
  readonly response: ApiResponse;
  constructor(status: number, body: unknown, headers?: Record<string, string>) {
    super(`Refused with ${status}`);
    this.response = { status, body, ...(headers === undefined ? {} : { headers }) };
  }
}

/** The refusals, with the texts of Django REST framework that upstream answers with (source: the contract, "Every other answer"). */
export const httpErrors = {
  notJson: (reason: string) =>
    new HttpError(400, { detail: `JSON parse error - ${reason}`, code: 'parse_error' }),
  /** Ours: upstream has no such limit, as no request of a migration has so many errors. */
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

/** The answer to a create request that a scenario rejects (source: the contract, "Every other answer"). */
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

/** Names of failures that pass: the client may try again, so they are 503 (source: AWS SDK error names). */
const TRANSIENT_ERRORS = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'SubmissionContended',
  'ThrottlingException',
  'TimeoutError',
]);

/** The one table from what was thrown to what is answered. What nobody foresaw is to be logged. */
export function responseTo(error: unknown): { response: ApiResponse; isUnexpected: boolean } {
  if (error instanceof HttpError) return { response: error.response, isUnexpected: false };
  const isTransient = error instanceof Error && TRANSIENT_ERRORS.has(error.name);
  return { response: { status: isTransient ? 503 : 500, body: SERVER_ERROR }, isUnexpected: true };
}
