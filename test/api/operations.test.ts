import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  allowedMethods,
  functionOf,
  OPERATIONS,
  type OperationName,
  operationAt,
  pathOf,
} from '../../shared/api/operations.ts';

const NAMES = Object.keys(OPERATIONS) as OperationName[];
const FUNCTIONS = join(import.meta.dirname, '../../functions');

describe('each operation', () => {
  it.each(NAMES)('%s is handled by its own function, which checks its own access', (name) => {
    const text = readFileSync(join(FUNCTIONS, `${functionOf(name)}.ts`), 'utf8');
    const makers = OPERATIONS[name].access === 'open' ? /\bopenEndpoint\(/ : /\b\w+Endpoints?\('([\w-]+)'/;
    const [, named = functionOf(name)] = makers.exec(text) ?? [undefined, 'no endpoint'];
    // The type of httpEndpoints requires a handler for each operation of its function.
    expect(named).toBe(functionOf(name));
  });

  it.each(NAMES)('%s is found by its method and path', (name) => {
    const { method, path } = OPERATIONS[name];
    expect(operationAt(method, path)).toBe(name);
  });
});

it('allows HEAD where GET is allowed, and OPTIONS everywhere, in Django’s order', () => {
  expect(allowedMethods('/v2/data-import/supply-points')).toEqual(['POST', 'OPTIONS']);
  expect(allowedMethods('/v2/data-import/supply-points/{supplier}')).toEqual(['GET', 'HEAD', 'OPTIONS']);
  expect(allowedMethods('/v2/data-import/supply-points/{supplier}/{identifier}/data')).toEqual([
    'DELETE',
    'OPTIONS',
  ]);
  expect(allowedMethods('/v2')).toBeUndefined();
});

it('writes paths with their parameters escaped, and with the last slash', () => {
  const parameters = { supplier: 'TEST_SUPPLIER', identifier: 'a/b ü' };
  expect(pathOf('history', parameters)).toBe(
    '/v2/data-import/supply-points/TEST_SUPPLIER/a%2Fb%20%C3%BC/history/',
  );
  expect(pathOf('home')).toBe('/');
  expect(() => pathOf('status', { supplier: 'TEST_SUPPLIER' })).toThrow('needs identifier');
});
