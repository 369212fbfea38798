import type { Permission } from '../suppliers/tokens.ts';

/** The path of the contract's endpoints (source: the guide). */
export const SUPPLY_POINTS = '/v2/data-import/supply-points';
const SUPPLIER = `${SUPPLY_POINTS}/{supplier}`;
const IMPORT = `${SUPPLIER}/{identifier}`;

/** An operation of the API: a method of a path, which one function handles. */
export type Operation = {
  method: 'GET' | 'POST' | 'DELETE';
  /** The resource's path in API Gateway, without the last slash. API Gateway serves `/x/` at `/x`. */
  path: string;
  /** What the caller's role must permit. `open`: the operation needs no token. */
  access: Permission | 'open';
  /** The function in `functions/` that handles it, if its name is not the operation's. */
  function?: 'site';
};

/**
 * Every operation by its name, which is also that of its function in `functions/` unless `function` names another. The template's routes, the functions' permissions, the methods
 * in `Allow` headers, the smoke test and the cost report are made from it.
 */
export const OPERATIONS = {
  validate: { method: 'POST', path: `${SUPPLY_POINTS}/validate`, access: 'import' },
  create: { method: 'POST', path: SUPPLY_POINTS, access: 'import' },
  status: { method: 'GET', path: IMPORT, access: 'read' },
  list: { method: 'GET', path: SUPPLIER, access: 'read' },
  history: { method: 'GET', path: `${IMPORT}/history`, access: 'read' },
  created: { method: 'GET', path: `${IMPORT}/created`, access: 'operate' },
  cancel: { method: 'POST', path: `${IMPORT}/cancel`, access: 'operate' },
  retry: { method: 'POST', path: `${IMPORT}/retry`, access: 'operate' },
  redrive: { method: 'POST', path: `${SUPPLIER}/redrive`, access: 'operate' },
  erase: { method: 'DELETE', path: `${IMPORT}/data`, access: 'operate' },
  home: { method: 'GET', path: '/', access: 'open' },
  health: { method: 'GET', path: '/health', access: 'open' },
  openapi: { method: 'GET', path: '/openapi.json', access: 'open', function: 'site' },
  docs: { method: 'GET', path: '/docs', access: 'open', function: 'site' },
  'docs-page': { method: 'GET', path: '/docs/{page+}', access: 'open', function: 'site' },
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
