import { SUPPLY_POINTS } from '../../shared/api/operations.ts';
import type { Check, ExpectedResponse } from './check.ts';
import { exampleFor } from './guide-example.ts';
import type { CheckInputs } from './inputs.ts';

const CHALLENGE = { 'www-authenticate': 'Token' };
export const NOT_AUTHENTICATED: ExpectedResponse = {
  status: 401,
  body: { detail: 'Authentication credentials were not provided.', code: 'not_authenticated' },
  headers: CHALLENGE,
};
export const INVALID_TOKEN: ExpectedResponse = {
  status: 401,
  body: { detail: 'Invalid token.', code: 'authentication_failed' },
  headers: CHALLENGE,
};
const FORBIDDEN: ExpectedResponse = {
  status: 403,
  body: { detail: 'You do not have permission to perform this action.', code: 'permission_denied' },
};
export const NO_SUCH_PATH: ExpectedResponse = {
  status: 404,
  body: { detail: 'Not found.', code: 'not_found' },
};
const NOT_FOUND: ExpectedResponse = {
  status: 404,
  body: { detail: 'The requested resource was not found.', code: 'not_found' },
};

const NOT_ACCEPTABLE: ExpectedResponse = {
  status: 406,
  body: { detail: 'Could not satisfy the request Accept header.', code: 'not_acceptable' },
};
/** Values of the Allow header in Django REST framework's order. */
const ALLOW_GET = 'GET, HEAD, OPTIONS';
const ALLOW_POST = 'POST, OPTIONS';

/** Checks authentication, permissions, paths, methods and the Accept header. */
export function accessChecks(inputs: CheckInputs): Check[] {
  return [
    ...callerChecks(inputs),
    ...viewerChecks(inputs),
    ...pathChecks(inputs),
    ...methodChecks(inputs),
    ...acceptChecks(inputs),
  ];
}

function callerChecks({ importer, unknown, supplier, identifier }: CheckInputs): Check[] {
  const json = exampleFor(supplier, identifier.rejected);
  const routes = [
    // An operation of this replica only, with which a stranger could do the most harm.
    { method: 'GET', path: '/admin/tokens/' },
    { method: 'POST', path: `${SUPPLY_POINTS}/validate/`, json },
    { method: 'POST', path: `${SUPPLY_POINTS}/`, json },
    { method: 'GET', path: `${SUPPLY_POINTS}/${supplier}/${identifier.never}/` },
  ];
  return routes.flatMap((route) => {
    const at = `${route.method} ${route.path}`;
    const key = importer.slice('Token '.length);
    return [
      { name: `no credentials, at ${at}`, request: route, expected: NOT_AUTHENTICATED },
      {
        name: `another scheme, at ${at}`,
        request: { ...route, authorization: `Bearer ${key}` },
        expected: NOT_AUTHENTICATED,
      },
      {
        name: `an unknown token, at ${at}`,
        request: { ...route, authorization: unknown },
        expected: INVALID_TOKEN,
      },
    ];
  });
}

function viewerChecks({ viewer, supplier, identifier }: CheckInputs): Check[] {
  const skipped = viewer === undefined ? { skipped: 'no --viewer-token' } : {};
  const authorization = viewer ?? '';
  const json = exampleFor(supplier, identifier.rejected);
  const posts = [`${SUPPLY_POINTS}/validate/`, `${SUPPLY_POINTS}/`].map((path) => ({
    name: `a viewer’s POST ${path}`,
    request: { method: 'POST', path, authorization, json },
    expected: FORBIDDEN,
    ...skipped,
  }));
  const path = `${SUPPLY_POINTS}/${supplier}/${identifier.rejected}/`;
  const status = {
    name: 'a viewer’s status request for the import that every rejected request was about',
    request: { method: 'GET', path, authorization },
    expected: NOT_FOUND,
    ...skipped,
  };
  return [...posts, status];
}

function pathChecks({ importer }: CheckInputs): Check[] {
  const paths = ['/v2/data-import/', '/v1/anything', `${SUPPLY_POINTS}/a/b/c/d/`];
  const health: Check = {
    name: 'the health, without a token',
    request: { method: 'GET', path: '/health/' },
    expected: { status: 200, body: { status: 'ok' } },
  };
  return [health, ...paths.flatMap((path) => pathChecksOf(path, importer))];
}

function pathChecksOf(path: string, importer: string): Check[] {
  return [
    {
      name: `${path} with a token`,
      request: { method: 'GET', path, authorization: importer },
      expected: NO_SUCH_PATH,
    },
    { name: `${path} without one`, request: { method: 'POST', path }, expected: NO_SUCH_PATH },
  ];
}

function methodChecks({ importer: authorization, supplier, identifier }: CheckInputs): Check[] {
  const importPath = `${SUPPLY_POINTS}/${supplier}/${identifier.never}`;
  const wrong = [
    ['PUT', `${SUPPLY_POINTS}/`, ALLOW_POST],
    ['GET', SUPPLY_POINTS, ALLOW_POST],
    ['PATCH', `${SUPPLY_POINTS}/validate/`, ALLOW_POST],
    ['GET', `${SUPPLY_POINTS}/validate`, ALLOW_POST],
    ['POST', `${importPath}/`, ALLOW_GET],
    ['DELETE', importPath, ALLOW_GET],
  ] as const;
  const head = { method: 'HEAD', path: `${importPath}/` };
  return [
    ...wrong.map(([method, path, allow]) => ({
      name: `${method} ${path}`,
      request: { method, path, authorization },
      expected: {
        status: 405,
        body: { detail: `Method "${method}" not allowed.`, code: 'method_not_allowed' },
        headers: { allow },
      },
    })),
    {
      name: 'HEAD of an unknown status',
      request: { ...head, authorization },
      expected: { status: 404, body: undefined },
    },
    { name: 'HEAD without credentials', request: head, expected: { status: 401, body: undefined } },
    {
      name: 'HEAD of a path without GET',
      request: { method: 'HEAD', path: `${SUPPLY_POINTS}/`, authorization },
      expected: { status: 405, body: undefined, headers: { allow: ALLOW_POST } },
    },
  ];
}

function acceptChecks({ importer: authorization, supplier, identifier }: CheckInputs): Check[] {
  const json = exampleFor(supplier, identifier.rejected);
  return [
    ...[`${SUPPLY_POINTS}/validate/`, `${SUPPLY_POINTS}/`].map((path) => ({
      name: `POST ${path} that does not accept JSON`,
      request: { method: 'POST', path, authorization, json, accept: 'text/plain, image/*' },
      expected: NOT_ACCEPTABLE,
    })),
    {
      name: 'a browser’s request for an unknown status',
      request: {
        method: 'GET',
        path: `${SUPPLY_POINTS}/${supplier}/${identifier.never}/`,
        authorization,
        accept: 'text/html',
      },
      expected: NOT_FOUND,
    },
  ];
}
