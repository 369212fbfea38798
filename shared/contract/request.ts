import * as v from 'valibot';
import { type ErrorBody, errorBody, type Validated } from './error-body.ts';
import { NON_FIELD_ERRORS } from './field.ts';
import { nested } from './nested.ts';
import { type SupplyPointImport, supplyPointImport } from './supply-point-import.ts';
import { readTaskParameters, type TaskParameters } from './task-parameters.ts';

export type { ErrorBody, Validated } from './error-body.ts';
export type { SupplyPointImport } from './supply-point-import.ts';

/** Import suppliers that the caller's token may use: code to whether its migration is ongoing. */
export type ImportSuppliers = ReadonlyMap<string, 'open' | 'closed'>;

/**
 * Validates the body of a request, as parsed from JSON, by the rules of the validate endpoint. Takes any JSON and throws
 * nothing. Source: the contract.
 */
export function validateRequest(body: unknown, suppliers: ImportSuppliers): Validated<SupplyPointImport> {
  if (body === null) return invalid({ [NON_FIELD_ERRORS]: ['No data provided'] });
  const result = v.safeParse(requestOf(suppliers), body);
  if (!result.success) return invalid(withoutWrapper(errorBody(result.issues)));
  const { payload } = result.output;
  return suppliers.get(payload.import_supplier) === 'closed' ? invalid(notOngoing(payload)) : valid(payload);
}

type Request = ReturnType<typeof newRequest>;
const newRequest = (codes: ReadonlySet<string>) => nested({ payload: supplyPointImport(codes) });

/** Schemas that are kept: callers with the same suppliers share one, and there are few kinds of callers. */
const SCHEMAS_MAX = 100;
const schemas = new Map<string, Request>();

/** The schema of a request by a caller who may use these suppliers: making one takes longer than it takes to use it. */
function requestOf(suppliers: ImportSuppliers): Request {
  const codes = [...suppliers.keys()];
  const key = JSON.stringify(codes);
  const known = schemas.get(key);
  if (known !== undefined) return known;
  if (schemas.size >= SCHEMAS_MAX) schemas.clear();
  const request = newRequest(new Set(codes));
  schemas.set(key, request);
  return request;
}

/** The zone of local times where no other is set (source: the contract, "Status body"). */
export const TIME_ZONE_DEFAULT = 'Australia/Sydney';

/**
 * Validates the body of a request to create: the payload as validateRequest does, and `task_params`. The errors of both come
 * in one body. `now`, when it was asked for, is in epoch ms; times without an offset are local in `timeZone`, an IANA name.
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

/** Validates a payload alone, as the worker does before it creates. Data that validation answered validates to itself. */
export function validatePayload(payload: unknown, suppliers: ImportSuppliers): Validated<SupplyPointImport> {
  return validateRequest({ payload }, suppliers);
}

const valid = <T>(data: T): Validated<T> => ({ valid: true, data });
const invalid = (errors: ErrorBody): Validated<never> => ({ valid: false, errors });
const errorsOf = (validated: Validated<unknown>): ErrorBody => (validated.valid ? {} : validated.errors);

/** Upstream answers the errors in a payload without naming `payload`; only what is wrong with it as a whole is under its name. */
function withoutWrapper(errors: ErrorBody): ErrorBody {
  const { payload } = errors;
  const isAboutFields =
    payload instanceof Object && !Array.isArray(payload) && !(NON_FIELD_ERRORS in payload);
  return isAboutFields ? (payload as ErrorBody) : errors;
}

/** The shape is the guide's for an import that is already done, its only example of an error with a code. */
function notOngoing({ import_supplier, supply_point }: SupplyPointImport): ErrorBody {
  const detail = `The migration of the import supplier ${import_supplier} is not ongoing.`;
  return {
    [NON_FIELD_ERRORS]: { detail, code: 'import_supplier_migration_not_ongoing' },
    supply_point_identifier: supply_point.identifier,
  };
}
