import { describedFields } from '../contract/described-fields.ts';
import { REMEDIES } from '../contract/remedies.ts';
import { RULES, type RuleName } from '../contract/rules.ts';
import { importError } from '../imports/model/import-errors.ts';
import { API_ERRORS, type ApiError, type ApiErrorName } from './errors.ts';

/** An error that a client can meet. `{…}` in its code and message is replaced by what the error is about. */
export type CataloguedError = {
  /** Unique, for addresses. */
  id: string;
  code: string;
  message: string;
  /** Where it is reported: for a field of a request, as a whole response, or as an import's `latest_error`. */
  where: 'field' | 'response' | 'import';
  /** The HTTP status of its response. Undefined for an import's error. */
  status: number | undefined;
  /** The paths of the fields that can have it (shared/contract/described-fields.ts). */
  fields: readonly string[];
  remedy: string;
};

/** Returns every error: of fields by their rules, of responses, and of imports. */
export function errorCatalogue(): CataloguedError[] {
  return [...fieldErrors(), ...responseErrors(), ...importErrors()];
}

function fieldErrors(): CataloguedError[] {
  const fields = describedFields();
  return (Object.keys(RULES) as RuleName[]).map((code) => ({
    id: code,
    code,
    message: RULES[code],
    where: 'field',
    status: 400,
    fields: fields
      .filter(({ errors }) => errors.some((error) => error.code === code))
      .map(({ path }) => path),
    remedy: REMEDIES[code],
  }));
}

function responseErrors(): CataloguedError[] {
  return Object.entries(API_ERRORS).map(([name, { status, code, detail }]: [string, ApiError]) => ({
    id: `response-${name}`,
    code,
    message: detail,
    where: 'response',
    status,
    fields: [],
    remedy: RESPONSE_REMEDIES[name as ApiErrorName],
  }));
}

function importErrors(): CataloguedError[] {
  return Object.entries(importError).map(([name, make]) => {
    const { code, detail } = make('{value}');
    return {
      id: code,
      code,
      message: detail,
      where: 'import',
      status: undefined,
      fields: [],
      remedy: IMPORT_REMEDIES[name as keyof typeof importError],
    };
  });
}

/** What to do about an error response. */
const RESPONSE_REMEDIES: Readonly<Record<ApiErrorName, string>> = {
  invalidFields: 'Correct each named field and send the request again. Nothing was stored.',
  migrationNotOngoing:
    'Ask an operator to open the supplier’s migration, or use another supplier. `GET /me/` lists which are open.',
  alreadyImported: 'Nothing to do: the supply point exists. Its status has its kraken_identifier.',
  notJson: 'Send JSON. The message has the line and column of the fault.',
  malformedRequest: 'Correct the request’s path, headers or encoding.',
  tooManyErrors: 'Send fewer accounts or customers in a request, and correct the errors of one first.',
  notAuthenticated: 'Send the header `Authorization: Token <key>`.',
  invalidToken: 'The token is unknown, revoked or expired. Ask an operator for another.',
  permissionDenied:
    'The token’s role does not permit this. Use a token of an importer or an operator; for `/admin/`, one of an operator of every supplier.',
  notFound:
    'Check supplier and identifier. Another supplier’s imports look the same as ones that do not exist.',
  unknownPath: 'Check the path.',
  pageNotFound: 'Start from the reference’s first page.',
  methodNotAllowed: 'Use one of the methods in the response’s `Allow` header.',
  notAcceptable: 'Accept `application/json`, or leave the `Accept` header out.',
  conflict:
    'Ask for the import’s status: only a PENDING import can be cancelled, only a failed one retried, and only an ended one erased.',
  dropConflict: 'Nothing to do: the drop has ended. Its status has the counts.',
  scenariosNotAllowed: 'Use an environment that allows scenarios, such as a local host. `GET /me/` says it.',
  scenariosChanged: 'Get the scenarios again, and apply your change to them.',
  tokenRevoked: 'Create a token instead.',
  lastAdministrator:
    'Create another token of an operator of every supplier first, or revoke this one with `even_if_last`.',
  bodyTooLarge: 'Send one supply point in a request, or drop a file.',
  unsupportedMediaType: 'Send the header `Content-Type: application/json`.',
  throttled: 'Wait as long as `Retry-After` says, or some seconds without it, and send the request again.',
  serverError:
    'Send the request again later; to repeat it is safe. If it stays, report the response’s `x-kraken-correlation-id`.',
  unavailable: 'Send the request again after some seconds; to repeat it is safe.',
};

/** What to do about an import that failed. */
const IMPORT_REMEDIES: Readonly<Record<keyof typeof importError, string>> = {
  failedValidation:
    'Validate the payload, correct it, and create the import again. Usually a code or a supplier changed in between.',
  supplyPointAlreadyExists: 'Check the identifier: another import supplier has imported it.',
  scheduleWindowMissed: 'Create the import again with another window.',
  attemptsExhausted: 'Ask an operator to redrive it once the cause is gone.',
  migrationNotOngoing: 'Ask an operator to open the supplier’s migration, and retry the import.',
};
