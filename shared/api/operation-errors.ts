import { API_ERRORS, type ApiErrorName } from './errors.ts';
import { OPERATIONS, type Operation, type OperationName } from './operations.ts';

/** Returns the errors that an operation can respond with, by status: its own, and those that follow from its access, path and body. */
export function errorsOf(name: OperationName): ReadonlyMap<number, readonly ApiErrorName[]> {
  const operation: Operation = OPERATIONS[name];
  const { access, path, request } = operation;
  const names: ApiErrorName[] = [
    ...(operation.errors ?? []),
    ...(request === undefined ? [] : (['notJson', 'bodyTooLarge', 'unsupportedMediaType'] as const)),
    ...(access === 'open' ? [] : (['notAuthenticated', 'invalidToken', 'notAcceptable'] as const)),
    ...(access === 'open' || access === 'read' ? [] : (['permissionDenied'] as const)),
    ...(path.includes('{supplier}') ? (['notFound'] as const) : []),
    'malformedRequest',
    'methodNotAllowed',
    'throttled',
    'serverError',
    'unavailable',
  ];
  const sorted = names.toSorted((one, other) => API_ERRORS[one].status - API_ERRORS[other].status);
  return Map.groupBy(sorted, (each) => API_ERRORS[each].status);
}
