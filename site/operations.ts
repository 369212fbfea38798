import { API_ERRORS, type ApiError, type ApiErrorName } from '../shared/api/errors.ts';
import { OPERATIONS, type Operation, type OperationName } from '../shared/api/operations.ts';
import { PATH_PARAMETERS, QUERY } from '../shared/api/parameters.ts';
import { guideExample } from './downloads.ts';

/** An operation as the reference describes it. */
export type DescribedOperation = {
  name: OperationName;
  method: Operation['method'];
  /** With `{parameters}` and the last slash. */
  path: string;
  access: Operation['access'];
  summary: string;
  description: string;
  parameters: readonly { name: string; in: 'path' | 'query'; description: string; example?: string }[];
  /** An example of the request's body. */
  request?: unknown;
  /** `id` is the error's in the catalogue. */
  errors: readonly (ApiError & { id: string })[];
};

/** Returns the operations that return JSON, in the table's order. */
export function describedOperations(): DescribedOperation[] {
  return (Object.entries(OPERATIONS) as [OperationName, Operation][])
    .filter(([, { responses }]) => !Object.values(responses).includes('text/html'))
    .map(([name, operation]) => ({
      name,
      ...operation,
      path: operation.path.endsWith('.json') ? operation.path : `${operation.path}/`,
      parameters: [...pathParameters(operation), ...queryParameters(operation)],
      ...(operation.request !== undefined && { request: guideExample() }),
      errors: errorNames(operation).map((error) => ({ id: `response-${error}`, ...API_ERRORS[error] })),
    }));
}

const pathParameters = ({ path }: Operation) =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => {
    const { description, example } = PATH_PARAMETERS[name]!;
    return { name, in: 'path' as const, description, example: String(example) };
  });

const queryParameters = ({ query = [] }: Operation) =>
  query.map((name) => ({ name, in: 'query' as const, description: QUERY[name].description }));

/** Returns an operation's own errors, and those that follow from its access, path and body, by status. */
function errorNames({ access, path, request, errors = [] }: Operation): ApiErrorName[] {
  const names: ApiErrorName[] = [
    ...errors,
    ...(request === undefined ? [] : (['notJson', 'bodyTooLarge', 'unsupportedMediaType'] as const)),
    ...(access === 'open'
      ? []
      : (['notAuthenticated', 'invalidToken', 'permissionDenied', 'notAcceptable'] as const)),
    ...(path.includes('{') ? (['notFound'] as const) : []),
    ...(['throttled', 'serverError', 'unavailable'] as const),
  ];
  return names.sort((one, other) => API_ERRORS[one].status - API_ERRORS[other].status);
}
