import { ERRORS_BYTES_MAX } from '../../shared/contract/error-body.ts';
import type { Rejection } from '../../shared/scenarios/request-scenarios.ts';

/** What an endpoint answers. The body becomes JSON, unless its headers have another `Content-Type`: then it is text. */
export type Answer = { status: number; body: unknown; headers?: Record<string, string> };

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const created = (body: unknown): Answer => ({ status: 201, body });
export const badRequest = (body: unknown): Answer => ({ status: 400, body });

/** Largest request body: what it asks for must fit one DynamoDB item, of 400 KB (source: the contract, 413). */
export const BODY_BYTES_MAX = 262_144;

/**
 * Largest answer's body, in bytes. Lambda hands over at most 6 MB of JSON (source: Lambda quotas, "Invocation payload"), in which the
 * body stands as text: each of its quotes takes two bytes, so a body can double. Beyond that API Gateway would answer 502. What is
 * valid never comes near: validation adds less to a request than the request has. Errors can be forty times as long as what they
 * are about.
 */
export const ANSWER_BYTES_MAX = ERRORS_BYTES_MAX;

/** Thrown to end a request with an answer that is not what was asked for. Deliberately not for unforeseen failures: those are 500. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly answer: Answer;
  constructor(status: number, body: unknown, headers?: Record<string, string>) {
    super(`Refused with ${status}`);
    this.answer = { status, body, ...(headers === undefined ? {} : { headers }) };
  }
}

/** The refusals, with the texts of Django REST framework that upstream answers with (source: the contract, "Every other answer"). */
export const refusal = {
  notJson: (reason: string) =>
    new Refusal(400, { detail: `JSON parse error - ${reason}`, code: 'parse_error' }),
  /** Ours: upstream has no such limit, as no request of a migration has so many errors. */
  tooManyErrors: () =>
    new Refusal(400, { detail: `The errors exceed ${ANSWER_BYTES_MAX} bytes.`, code: 'too_many_errors' }),
  invalidToken: () =>
    new Refusal(
      401,
      { detail: 'Invalid token.', code: 'authentication_failed' },
      { 'WWW-Authenticate': 'Token' },
    ),
  permissionDenied: () =>
    new Refusal(403, {
      detail: 'You do not have permission to perform this action.',
      code: 'permission_denied',
    }),
  notFound: () => new Refusal(404, { detail: 'The requested resource was not found.', code: 'not_found' }),
  methodNotAllowed: (method: string, allowed: readonly string[]) =>
    new Refusal(
      405,
      { detail: `Method "${method}" not allowed.`, code: 'method_not_allowed' },
      { Allow: allowed.join(', ') },
    ),
  notAcceptable: () =>
    new Refusal(406, {
      detail: 'Could not satisfy the request Accept header.',
      code: 'not_acceptable',
    }),
  bodyTooLarge: () =>
    new Refusal(413, {
      detail: `Request body exceeds ${BODY_BYTES_MAX} bytes.`,
      code: 'request_too_large',
    }),
  unsupportedMediaType: (mediaType: string) =>
    new Refusal(415, {
      detail: `Unsupported media type "${mediaType}" in request.`,
      code: 'unsupported_media_type',
    }),
};

const SERVER_ERROR = { detail: 'A server error occurred.', code: 'error' };

/** The answer to a create request that a scenario rejects (source: the contract, "Every other answer"). */
export function scenarioAnswer(rejection: Rejection): Answer {
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
const PASSING = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'SubmissionContended',
  'ThrottlingException',
  'TimeoutError',
]);

/** The one table from what was thrown to what is answered. What nobody foresaw is to be logged. */
export function answerTo(error: unknown): { answer: Answer; unforeseen: boolean } {
  if (error instanceof Refusal) return { answer: error.answer, unforeseen: false };
  const passing = error instanceof Error && PASSING.has(error.name);
  return { answer: { status: passing ? 503 : 500, body: SERVER_ERROR }, unforeseen: true };
}
