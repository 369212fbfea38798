import * as v from 'valibot';
import { type ErrorBody, errorBody, type Validated } from './error-body.ts';
import { NON_FIELD_ERRORS } from './field.ts';
import { requestSchemas } from './request-schemas.ts';
import { messageOf } from './rules.ts';
import type { SupplyPointImport } from './supply-point-import.ts';
import { readTaskParameters, type TaskParameters } from './task-parameters.ts';

export type { ErrorBody, Validated } from './error-body.ts';
export type { SupplyPointImport } from './supply-point-import.ts';

/** The import suppliers that the caller's token may use, by code, and whether their migration is ongoing. */
export type ImportSuppliers = ReadonlyMap<string, 'open' | 'closed'>;

/** Validates the body of a request, as parsed from JSON, by the rules of the validate endpoint (source: the contract). Never throws. */
export function validateRequest(body: unknown, suppliers: ImportSuppliers): Validated<SupplyPointImport> {
  if (body === null) return invalid({ [NON_FIELD_ERRORS]: [messageOf('no_data')] });
  const result = v.safeParse(schemaOf(suppliers.keys()), body);
  if (!result.success) return invalid(withoutWrapper(errorBody(result.issues)));
  const { payload } = result.output;
  return suppliers.get(payload.import_supplier) === 'closed' ? invalid(notOngoing(payload)) : valid(payload);
}

const schemaOf = requestSchemas();

/** The default zone of local times (source: the contract, "Status body"). */
export const TIME_ZONE_DEFAULT = 'Australia/Sydney';

/**
 * Validates the body of a create request: the payload, as {@link validateRequest} does, and `task_params`. Returns the errors of both in one
 * body. Never throws.
 *
 * @param now when the request was received, in epoch ms
 * @param timeZone IANA name of the zone of times without an offset
 */
export function validateCreateRequest(
  body: unknown,
  suppliers: ImportSuppliers,
  now: number,
  timeZone = TIME_ZONE_DEFAULT,
): Validated<{ payload: SupplyPointImport; taskParameters: TaskParameters }> {
  const payload = validateRequest(body, suppliers);
  const taskParameters = readTaskParameters(body, now, timeZone);
  if (payload.valid && taskParameters.valid) {
    return valid({ payload: payload.data, taskParameters: taskParameters.data });
  }
  return invalid({ ...errorsOf(taskParameters), ...errorsOf(payload) });
}

/** Validates a payload, which the worker does before it creates the supply point. Normalised data is valid and stays the same. */
export function validatePayload(payload: unknown, suppliers: ImportSuppliers): Validated<SupplyPointImport> {
  return validateRequest({ payload }, suppliers);
}

const valid = <T>(data: T): Validated<T> => ({ valid: true, data });
const invalid = (errors: ErrorBody): Validated<never> => ({ valid: false, errors });
const errorsOf = (validated: Validated<unknown>): ErrorBody => (validated.valid ? {} : validated.errors);

/** Upstream returns the errors of a payload's fields without the key `payload`. Only errors about the whole payload have it. */
function withoutWrapper(errors: ErrorBody): ErrorBody {
  const { payload } = errors;
  const isAboutFields =
    payload instanceof Object && !Array.isArray(payload) && !(NON_FIELD_ERRORS in payload);
  return isAboutFields ? (payload as ErrorBody) : errors;
}

/** The format is that of the guide's "already imported" error, its only example of an error with a code. */
function notOngoing({ import_supplier, supply_point }: SupplyPointImport): ErrorBody {
  const detail = `The migration of the import supplier ${import_supplier} is not ongoing.`;
  return {
    [NON_FIELD_ERRORS]: { detail, code: 'import_supplier_migration_not_ongoing' },
    supply_point_identifier: supply_point.identifier,
  };
}
