import type { Permission } from '../suppliers/tokens.ts';
import { ADMIN_OPERATIONS } from './admin-operations.ts';
import type { ApiErrorName } from './errors.ts';
import { fillPath } from './fill-path.ts';
import type { QueryName } from './parameters.ts';
import type { SchemaName } from './schemas.ts';

/** The path of the contract's endpoints (source: the guide). */
export const SUPPLY_POINTS = '/v2/data-import/supply-points';
const SUPPLIER = `${SUPPLY_POINTS}/{supplier}`;
const IMPORT = `${SUPPLIER}/{identifier}`;
const SCENARIOS = `${SUPPLIER}/scenarios`;
const DROPS = `${SUPPLIER}/drops`;
const DROP = `${DROPS}/{drop}`;

/** An operation of the API: a method of a path, which one function handles. */
export type Operation = {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** The resource's path in API Gateway, without the last slash. API Gateway serves `/x/` at `/x`. */
  path: string;
  /** What the caller's token must permit. `open`: the operation needs no token. */
  access: Permission | 'open';
  /** The function in `functions/` that handles it, if its name is not the operation's. */
  function?: FunctionName;
  /** Its query parameters (parameters.ts). */
  query?: readonly QueryName[];
  /** The schema of its body (schemas.ts). */
  request?: SchemaName;
  /** The schema of the body of each successful response, by status, or the media type of one that is not JSON. */
  responses: Readonly<Partial<Record<200 | 201 | 301, SchemaName | MediaType>>>;
  /** Whether its successful responses have an ETag, and are 304 if the client has them: for clients that ask again and again. */
  isPolled?: true;
  /** Its own errors. operation-errors.ts adds those that follow from its access, path and body. */
  errors?: readonly ApiErrorName[];
};
/** Functions that handle several operations. */
export type FunctionName = 'site' | 'scenarios' | 'admin-suppliers' | 'admin-tokens';
type MediaType = `${string}/${string}`;

/**
 * Every operation by its name, which is also that of its function in `functions/` unless `function` names another. The template's routes, the functions' permissions, the methods
 * in `Allow` headers, the OpenAPI document, the command line and the cost report are made from it. Every function's bundle contains it, so the texts are in operation-texts.ts.
 */
export const OPERATIONS = {
  validate: {
    method: 'POST',
    path: `${SUPPLY_POINTS}/validate`,
    access: 'import',
    request: 'ValidateRequest',
    responses: { 200: 'ValidatedPayload' },
    errors: ['invalidFields', 'migrationNotOngoing', 'tooManyErrors'],
  },
  create: {
    method: 'POST',
    path: SUPPLY_POINTS,
    access: 'import',
    request: 'CreateRequest',
    responses: { 201: 'EmptyBody' },
    errors: ['invalidFields', 'migrationNotOngoing', 'alreadyImported', 'tooManyErrors'],
  },
  status: {
    method: 'GET',
    path: IMPORT,
    access: 'read',
    responses: { 200: 'StatusBody' },
  },
  list: {
    method: 'GET',
    path: SUPPLIER,
    access: 'read',
    query: ['status', 'page_size', 'cursor'],
    isPolled: true,
    responses: { 200: 'ListBody' },
    errors: ['invalidFields'],
  },
  counts: {
    method: 'GET',
    path: `${SUPPLIER}/counts`,
    access: 'read',
    isPolled: true,
    responses: { 200: 'CountsBody' },
  },
  activity: {
    method: 'GET',
    path: `${SUPPLIER}/activity`,
    access: 'read',
    query: ['period', 'drop'],
    isPolled: true,
    responses: { 200: 'ActivityBody' },
    errors: ['invalidFields'],
  },
  history: {
    method: 'GET',
    path: `${IMPORT}/history`,
    access: 'read',
    isPolled: true,
    responses: { 200: 'HistoryBody' },
  },
  created: {
    method: 'GET',
    path: `${IMPORT}/created`,
    access: 'operate',
    responses: { 200: 'CreatedBody' },
  },
  cancel: {
    method: 'POST',
    path: `${IMPORT}/cancel`,
    access: 'operate',
    responses: { 200: 'StatusBody' },
    errors: ['conflict'],
  },
  retry: {
    method: 'POST',
    path: `${IMPORT}/retry`,
    access: 'operate',
    responses: { 200: 'StatusBody' },
    errors: ['conflict'],
  },
  redrive: {
    method: 'POST',
    path: `${SUPPLIER}/redrive`,
    access: 'operate',
    responses: { 200: 'RedrivenBody' },
  },
  erase: {
    method: 'DELETE',
    path: `${IMPORT}/data`,
    access: 'operate',
    responses: { 200: 'ErasedBody' },
    errors: ['conflict'],
  },
  'drops-list': {
    method: 'GET',
    path: DROPS,
    access: 'read',
    query: ['page_size', 'cursor'],
    isPolled: true,
    responses: { 200: 'DropListBody' },
    errors: ['invalidFields'],
  },
  'drops-create': {
    method: 'POST',
    path: DROPS,
    access: 'import',
    request: 'UploadRequest',
    responses: { 201: 'UploadBody' },
    errors: ['invalidFields', 'migrationNotOngoing'],
  },
  'drops-status': {
    method: 'GET',
    path: DROP,
    access: 'read',
    isPolled: true,
    responses: { 200: 'DropStatusBody' },
  },
  'drops-failed-rows': {
    method: 'GET',
    path: `${DROP}/failed-rows`,
    access: 'read',
    query: ['page_size', 'cursor'],
    responses: { 200: 'FailedRowsBody' },
    errors: ['invalidFields'],
  },
  'drops-cancel': {
    method: 'POST',
    path: `${DROP}/cancel`,
    access: 'operate',
    query: ['wait_seconds'],
    responses: { 200: 'DropBody' },
    errors: ['invalidFields', 'dropConflict'],
  },
  'scenarios-show': {
    method: 'GET',
    path: SCENARIOS,
    access: 'read',
    function: 'scenarios',
    responses: { 200: 'ScenariosBody' },
  },
  'scenarios-set': {
    method: 'PUT',
    path: SCENARIOS,
    access: 'operate',
    function: 'scenarios',
    request: 'ScenariosRequest',
    responses: { 200: 'ScenariosBody' },
    errors: ['invalidFields', 'scenariosNotAllowed', 'scenariosChanged'],
  },
  'scenarios-clear': {
    method: 'DELETE',
    path: SCENARIOS,
    access: 'operate',
    function: 'scenarios',
    responses: { 200: 'ScenariosBody' },
    errors: ['scenariosNotAllowed'],
  },
  ...ADMIN_OPERATIONS,
  me: {
    method: 'GET',
    path: '/me',
    access: 'read',
    responses: { 200: 'MeBody' },
  },
  home: {
    method: 'GET',
    path: '/',
    access: 'open',
    responses: { 200: 'text/html' },
  },
  health: {
    method: 'GET',
    path: '/health',
    access: 'open',
    responses: { 200: 'HealthBody' },
  },
  openapi: {
    method: 'GET',
    path: '/openapi.json',
    access: 'open',
    function: 'site',
    responses: { 200: 'OpenApiBody' },
  },
  docs: {
    method: 'GET',
    path: '/docs',
    access: 'open',
    function: 'site',
    responses: { 200: 'text/html', 301: 'text/plain' },
  },
  console: {
    method: 'GET',
    path: '/console',
    access: 'open',
    function: 'site',
    responses: { 200: 'text/html', 301: 'text/plain' },
  },
  'console-file': {
    method: 'GET',
    path: '/console/{page+}',
    access: 'open',
    function: 'site',
    responses: { 200: 'text/html' },
    errors: ['pageNotFound'],
  },
  'docs-page': {
    method: 'GET',
    path: '/docs/{page+}',
    access: 'open',
    function: 'site',
    responses: { 200: 'text/html', 301: 'text/plain' },
    errors: ['pageNotFound'],
  },
} as const satisfies Readonly<Record<string, Operation>>;

export type OperationName = keyof typeof OPERATIONS;

/** The name of the function in `functions/` that handles an operation. */
export const functionOf = (name: OperationName): string => {
  const operation: Operation = OPERATIONS[name];
  return operation.function ?? name;
};

/** The names of the operations that need a token. */
export type AuthorizedOperationName = {
  [Name in OperationName]: (typeof OPERATIONS)[Name]['access'] extends 'open' ? never : Name;
}[OperationName];

/** The names of the operations that a function handles, which is named in their `function`. */
export type OperationsOf<FunctionName extends string> = {
  [Name in AuthorizedOperationName]: (typeof OPERATIONS)[Name] extends { function: FunctionName }
    ? Name
    : never;
}[AuthorizedOperationName];

/** The operation of a method and a resource path, or undefined. */
export function operationAt(method: string, path: string): OperationName | undefined {
  const names = Object.keys(OPERATIONS) as OperationName[];
  return names.find((name) => OPERATIONS[name].method === method && OPERATIONS[name].path === path);
}

/**
 * Returns the methods that a resource path allows, in Django's order (source: `View.http_method_names`), or undefined if there is
 * no such path. HEAD is allowed where GET is, and OPTIONS always.
 */
export function allowedMethods(path: string): string[] | undefined {
  const methods: string[] = Object.values(OPERATIONS)
    .filter((operation) => operation.path === path)
    .map(({ method }) => method);
  if (methods.length === 0) return undefined;
  const all = new Set([...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS']);
  return ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE'].filter((method) =>
    all.has(method),
  );
}

/** Returns an operation's path with its parameters' values and the last slash. @throws Error if a parameter has no value */
export const pathOf = (name: OperationName, parameters?: Readonly<Record<string, string>>): string =>
  fillPath(OPERATIONS[name].path, parameters);
