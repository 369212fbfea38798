import type { Permission } from '../suppliers/tokens.ts';
import type { ApiErrorName } from './errors.ts';
import type { QueryName } from './parameters.ts';
import type { SchemaName } from './schemas.ts';

/** The path of the contract's endpoints (source: the guide). */
export const SUPPLY_POINTS = '/v2/data-import/supply-points';
const SUPPLIER = `${SUPPLY_POINTS}/{supplier}`;
const IMPORT = `${SUPPLIER}/{identifier}`;
const DROPS = `${SUPPLIER}/drops`;
const DROP = `${DROPS}/{drop}`;

/** An operation of the API: a method of a path, which one function handles. */
export type Operation = {
  method: 'GET' | 'POST' | 'DELETE';
  /** The resource's path in API Gateway, without the last slash. API Gateway serves `/x/` at `/x`. */
  path: string;
  /** What the caller's role must permit. `open`: the operation needs no token. */
  access: Permission | 'open';
  /** The function in `functions/` that handles it, if its name is not the operation's. */
  function?: 'site';
  /** A few words, and what they leave out. For the reference. */
  summary: string;
  description: string;
  /** Its query parameters (parameters.ts). */
  query?: readonly QueryName[];
  /** The schema of its body (schemas.ts). */
  request?: SchemaName;
  /** The schema of the body of each successful response, by status, or the media type of one that is not JSON. */
  responses: Readonly<Partial<Record<200 | 201 | 301, SchemaName | MediaType>>>;
  /** Its own errors. operation-errors.ts adds those that follow from its access, path and body. */
  errors?: readonly ApiErrorName[];
};
type MediaType = `${string}/${string}`;

/**
 * Every operation by its name, which is also that of its function in `functions/` unless `function` names another. The template's routes, the functions' permissions, the methods
 * in `Allow` headers, the OpenAPI document, the smoke test and the cost report are made from it. Every function's bundle contains it, so the texts are short.
 */
export const OPERATIONS = {
  validate: {
    method: 'POST',
    path: `${SUPPLY_POINTS}/validate`,
    access: 'import',
    summary: 'Validate a supply point',
    description: 'Returns the normalised data or all errors. Stores nothing. `task_params` are ignored.',
    request: 'ValidateRequest',
    responses: { 200: 'ValidatedPayload' },
    errors: ['invalidFields', 'migrationNotOngoing', 'tooManyErrors'],
  },
  create: {
    method: 'POST',
    path: SUPPLY_POINTS,
    access: 'import',
    summary: 'Create an import',
    description:
      'Validates the request and schedules the import. Follow it by its status. To send the same request again is safe.',
    request: 'CreateRequest',
    responses: { 201: 'EmptyBody' },
    errors: ['invalidFields', 'migrationNotOngoing', 'alreadyImported', 'tooManyErrors'],
  },
  status: {
    method: 'GET',
    path: IMPORT,
    access: 'read',
    summary: 'Get an import’s status',
    description: 'PENDING and IN_PROGRESS change; the other statuses are final.',
    responses: { 200: 'StatusBody' },
  },
  list: {
    method: 'GET',
    path: SUPPLIER,
    access: 'read',
    summary: 'List a supplier’s imports',
    description: 'The latest change first, in pages.',
    query: ['status', 'page_size', 'cursor'],
    responses: { 200: 'ListBody' },
    errors: ['invalidFields'],
  },
  counts: {
    method: 'GET',
    path: `${SUPPLIER}/counts`,
    access: 'read',
    summary: 'Count a supplier’s imports by status',
    description:
      'At most five seconds old. The counts are exact once no import is open; until then they may be a little off.',
    responses: { 200: 'CountsBody' },
  },
  history: {
    method: 'GET',
    path: `${IMPORT}/history`,
    access: 'read',
    summary: 'Get an import’s history',
    description: 'Its schedule window and its events, oldest first, with their errors.',
    responses: { 200: 'HistoryBody' },
  },
  created: {
    method: 'GET',
    path: `${IMPORT}/created`,
    access: 'operate',
    summary: 'Get the created supply point',
    description: 'The supply point that the import created, with its accounts and customers: personal data.',
    responses: { 200: 'CreatedBody' },
  },
  cancel: {
    method: 'POST',
    path: `${IMPORT}/cancel`,
    access: 'operate',
    summary: 'Cancel an import',
    description: 'Cancels an import that is PENDING. To repeat it is safe.',
    responses: { 200: 'StatusBody' },
    errors: ['conflict'],
  },
  retry: {
    method: 'POST',
    path: `${IMPORT}/retry`,
    access: 'operate',
    summary: 'Retry an import',
    description:
      'Starts another attempt of an import that ended ERRORED or DRY_RUN_ERRORED. To repeat it is safe.',
    responses: { 200: 'StatusBody' },
    errors: ['conflict'],
  },
  redrive: {
    method: 'POST',
    path: `${SUPPLIER}/redrive`,
    access: 'operate',
    summary: 'Retry exhausted imports',
    description: 'Retries imports that ended with `import_attempts_exhausted`, up to 200 in a request.',
    responses: { 200: 'RedrivenBody' },
  },
  erase: {
    method: 'DELETE',
    path: `${IMPORT}/data`,
    access: 'operate',
    summary: 'Erase an import',
    description:
      'Deletes an import that has ended, with its payload and history, and the supply point that it created. This cannot be undone.',
    responses: { 200: 'ErasedBody' },
    errors: ['conflict'],
  },
  'drops-list': {
    method: 'GET',
    path: DROPS,
    access: 'read',
    summary: 'List a supplier’s drops',
    description: 'Dropped files with their states and counts, the newest first, in pages.',
    query: ['page_size', 'cursor'],
    responses: { 200: 'DropListBody' },
    errors: ['invalidFields'],
  },
  'drops-create': {
    method: 'POST',
    path: DROPS,
    access: 'import',
    summary: 'Upload a file',
    description:
      'Returns presigned requests for an upload of exactly this name, size and type. Send the file to `upload`; a file over 100 MiB in the parts of `multipart`.',
    request: 'UploadRequest',
    responses: { 201: 'UploadBody' },
    errors: ['invalidFields', 'migrationNotOngoing'],
  },
  'drops-status': {
    method: 'GET',
    path: DROP,
    access: 'read',
    summary: 'Get a drop’s status',
    description: 'Its state, counts, rate, time left and most frequent errors, while it is read, too.',
    responses: { 200: 'DropStatusBody' },
  },
  'drops-failed-rows': {
    method: 'GET',
    path: `${DROP}/failed-rows`,
    access: 'read',
    summary: 'List a drop’s failed rows',
    description:
      'In the order of the file, without personal data, with links to download them all. Only operators get the link to the corrected file.',
    query: ['page_size', 'cursor'],
    responses: { 200: 'FailedRowsBody' },
    errors: ['invalidFields'],
  },
  'drops-cancel': {
    method: 'POST',
    path: `${DROP}/cancel`,
    access: 'operate',
    summary: 'Cancel a drop',
    description: 'Reads no more rows, and cancels the drop’s imports that are PENDING. To repeat it is safe.',
    query: ['wait_seconds'],
    responses: { 200: 'DropBody' },
    errors: ['invalidFields', 'dropConflict'],
  },
  me: {
    method: 'GET',
    path: '/me',
    access: 'read',
    summary: 'Get what the token may do',
    description: 'Its role and suppliers, and the environment’s name, time zone and limits.',
    responses: { 200: 'MeBody' },
  },
  home: {
    method: 'GET',
    path: '/',
    access: 'open',
    summary: 'Get a page of links',
    description: 'A page for people who open the API’s address in a browser.',
    responses: { 200: 'text/html' },
  },
  health: {
    method: 'GET',
    path: '/health',
    access: 'open',
    summary: 'Check that the API answers',
    description: 'For load balancers and monitors. It reads nothing.',
    responses: { 200: 'HealthBody' },
  },
  openapi: {
    method: 'GET',
    path: '/openapi.json',
    access: 'open',
    function: 'site',
    summary: 'Get the OpenAPI document',
    description: 'This description, for tools.',
    responses: { 200: 'OpenApiBody' },
  },
  docs: {
    method: 'GET',
    path: '/docs',
    access: 'open',
    function: 'site',
    summary: 'Get the reference’s first page',
    description: 'The reference for people.',
    responses: { 200: 'text/html', 301: 'text/plain' },
  },
  'docs-page': {
    method: 'GET',
    path: '/docs/{page+}',
    access: 'open',
    function: 'site',
    summary: 'Get a page or file of the reference',
    description: 'Pages, styles, scripts and downloads.',
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

/**
 * Returns an operation's path with its parameters' values and the last slash, as the contract writes paths.
 *
 * @throws Error if a parameter has no value
 */
export function pathOf(name: OperationName, parameters: Readonly<Record<string, string>> = {}): string {
  const path = OPERATIONS[name].path.replace(/\{(\w+)\+?\}/g, (_, parameter: string) => {
    const value = parameters[parameter];
    if (value === undefined) throw new Error(`The path of ${name} needs ${parameter}.`);
    return encodeURIComponent(value);
  });
  return path.endsWith('/') ? path : `${path}/`;
}
