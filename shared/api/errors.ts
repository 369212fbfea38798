import { ERRORS_BYTES_MAX } from '../contract/error-body.ts';

/** Maximum size of a request body, in bytes. The import must fit one DynamoDB item, of 400 KB (source: the contract, 413). */
export const BODY_BYTES_MAX = 262_144;

/** An error response: its status, and its `code` and `detail`. `{…}` in a detail is replaced. `body` names another form. */
export type ApiError = {
  status: number;
  code: string;
  detail: string;
  /** The schema of its body, if it is not `ErrorBody`, or the media type of one that is not JSON. */
  body?: 'ErrorsBody' | 'ConflictBody' | 'DropConflictBody' | 'text/html';
};

const NOT_FOUND = { status: 404, code: 'not_found' };
const SERVER_ERROR = { code: 'error', detail: 'A server error occurred.' };

/** The API's error responses, with upstream's texts, which are Django REST framework's (source: the contract, "Every other answer"). */
export const API_ERRORS = {
  invalidFields: { status: 400, code: 'invalid', detail: 'The errors of each field.', body: 'ErrorsBody' },
  migrationNotOngoing: {
    status: 400,
    code: 'import_supplier_migration_not_ongoing',
    detail: 'The migration of the import supplier {supplier} is not ongoing.',
    body: 'ErrorsBody',
  },
  alreadyImported: {
    status: 400,
    code: 'supply_point_import_process_already_imported',
    detail: 'The import process with the supply point identifier {identifier} has already been imported.',
    body: 'ErrorsBody',
  },
  notJson: { status: 400, code: 'parse_error', detail: 'JSON parse error - {reason}' },
  malformedRequest: { status: 400, code: 'parse_error', detail: '{reason}' },
  tooManyErrors: {
    status: 400,
    code: 'too_many_errors',
    detail: `The errors exceed ${ERRORS_BYTES_MAX} bytes.`,
  },
  notAuthenticated: {
    status: 401,
    code: 'not_authenticated',
    detail: 'Authentication credentials were not provided.',
  },
  invalidToken: { status: 401, code: 'authentication_failed', detail: 'Invalid token.' },
  permissionDenied: {
    status: 403,
    code: 'permission_denied',
    detail: 'You do not have permission to perform this action.',
  },
  notFound: { ...NOT_FOUND, detail: 'The requested resource was not found.' },
  unknownPath: { ...NOT_FOUND, detail: 'Not found.' },
  pageNotFound: { ...NOT_FOUND, detail: 'There is no page at this address.', body: 'text/html' },
  methodNotAllowed: { status: 405, code: 'method_not_allowed', detail: 'Method "{method}" not allowed.' },
  notAcceptable: {
    status: 406,
    code: 'not_acceptable',
    detail: 'Could not satisfy the request Accept header.',
  },
  conflict: {
    status: 409,
    code: 'import_process_cannot_be_{action}',
    detail:
      'The import process with the supply point identifier {identifier} is {status} and cannot be {action}.',
    body: 'ConflictBody',
  },
  dropConflict: {
    status: 409,
    code: 'drop_cannot_be_cancelled',
    detail: 'The drop is {state} and cannot be cancelled.',
    body: 'DropConflictBody',
  },
  scenariosNotAllowed: {
    status: 403,
    code: 'scenarios_not_allowed',
    detail: 'The environment {environment} does not allow scenarios.',
  },
  scenariosChanged: {
    status: 409,
    code: 'scenarios_changed',
    detail: 'The scenarios have changed: their revision is {revision}. Nothing was stored.',
  },
  tokenRevoked: {
    status: 409,
    code: 'token_cannot_be_rotated',
    detail: 'The token {token} is revoked and cannot be rotated.',
  },
  lastAdministrator: {
    status: 409,
    code: 'last_administrator',
    detail:
      'The token {token} is the last valid one of an operator of every supplier. Without it tokens can only be created with AWS credentials. Send "even_if_last": true to revoke it.',
  },
  bodyTooLarge: {
    status: 413,
    code: 'request_too_large',
    detail: `Request body exceeds ${BODY_BYTES_MAX} bytes.`,
  },
  unsupportedMediaType: {
    status: 415,
    code: 'unsupported_media_type',
    detail: 'Unsupported media type "{type}" in request.',
  },
  throttled: { status: 429, code: 'throttled', detail: 'Request was throttled.' },
  serverError: { status: 500, ...SERVER_ERROR },
  unavailable: { status: 503, ...SERVER_ERROR },
} as const satisfies Readonly<Record<string, ApiError>>;
export type ApiErrorName = keyof typeof API_ERRORS;

/** Returns an error's body, with these values in place of `{…}`. */
export function apiErrorBody(
  name: ApiErrorName,
  values: Readonly<Record<string, string>> = {},
): { detail: string; code: string } {
  const filled = (text: string) =>
    text.replace(/\{(\w+)\}/g, (placeholder, key: string) => values[key] ?? placeholder);
  const { detail, code } = API_ERRORS[name];
  return { detail: filled(detail), code: filled(code) };
}
