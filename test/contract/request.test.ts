import { describe, expect, test } from 'vitest';
import { ERRORS_BYTES_MAX } from '../../shared/contract/error-body.ts';
import { validatePayload, validateRequest } from '../../shared/contract/request.ts';
import { everyField, guideExample, resultAt, suppliers, withValue } from './requests.ts';

const SUPPLIER = ['payload', 'import_supplier'];

test('the guide’s example is valid', () => {
  expect(validateRequest(guideExample(), suppliers)).toHaveProperty('valid', true);
});

describe('an import supplier', () => {
  test('that the caller may not use has the same error as one that does not exist', () => {
    expect(resultAt(SUPPLIER, 'FOREIGN')).toStrictEqual({ errors: ['"FOREIGN" is not a valid choice.'] });
    expect(validateRequest(everyField(), new Map())).toStrictEqual({
      valid: false,
      errors: { import_supplier: ['"TEST_SUPPLIER" is not a valid choice.'] },
    });
  });

  test('whose migration is closed is rejected only when everything else is valid', () => {
    const request = withValue(SUPPLIER, 'CLOSED_SUPPLIER');
    expect(validateRequest(request, suppliers)).toStrictEqual({
      valid: false,
      errors: {
        non_field_errors: {
          detail: 'The migration of the import supplier CLOSED_SUPPLIER is not ongoing.',
          code: 'import_supplier_migration_not_ongoing',
        },
        supply_point_identifier: '4001248530',
      },
    });
    request.payload.supply_point.identifier = 'X';
    expect(validateRequest(request, suppliers)).toStrictEqual({
      valid: false,
      errors: { supply_point: { identifier: ['X is not a valid supply point identifier.'] } },
    });
  });
});

test('validation changes neither the request nor task_params', () => {
  const request = { ...everyField(), task_params: 'nonsense' };
  const before = structuredClone(request);
  expect(validateRequest(request, suppliers)).toHaveProperty('valid', true);
  expect(request).toStrictEqual(before);
});

test('validatePayload applies the same rules', () => {
  const request = everyField();
  expect(validatePayload(request.payload, suppliers)).toStrictEqual(validateRequest(request, suppliers));
  expect(validatePayload(null, suppliers)).toStrictEqual({
    valid: false,
    errors: { payload: ['This field may not be null.'] },
  });
});

test('defaults are not shared between requests', () => {
  const request = withValue(['payload', 'accounts'], undefined);
  const data = () => {
    const result = validateRequest(JSON.parse(JSON.stringify(request)), suppliers);
    if (!result.valid) throw new Error(JSON.stringify(result.errors));
    return result.data;
  };
  data().accounts.push(everyField().payload.accounts[0]);
  expect(data().accounts).toStrictEqual([]);
});

describe('a list whose errors exceed the limit of an error body', () => {
  const errorsOf = (accounts: unknown[]): { json: string; items: number } => {
    const validated = validateRequest({ payload: { accounts } }, suppliers);
    const errors = validated.valid ? {} : validated.errors;
    return { json: JSON.stringify(errors), items: Object.keys(errors['accounts'] ?? {}).length };
  };
  const LISTS: [string, (items: number) => unknown[]][] = [
    ['empty accounts', (items) => Array.from({ length: items }, () => ({}))],
    ['accounts that are not objects', (items) => Array.from({ length: items }, () => 1)],
    [
      'accounts with two wrong fields',
      (items) => Array.from({ length: items }, () => ({ account_type: 'é', customers: [1, {}] })),
    ],
  ];

  test.each(LISTS)('of %s is validated until the limit is exceeded, and no further', (_, list) => {
    const { json, items } = errorsOf(list(85_000));
    expect(Buffer.byteLength(json)).toBeGreaterThan(ERRORS_BYTES_MAX);
    expect(Buffer.byteLength(json)).toBeLessThan(2 * ERRORS_BYTES_MAX);
    expect(items).toBeLessThan(85_000);
  });

  test.each(LISTS)('of %s is validated completely up to the limit', (_, list) => {
    const bytesEach = Buffer.byteLength(errorsOf(list(2000)).json) / 2000;
    const most = Math.floor((0.95 * ERRORS_BYTES_MAX) / bytesEach);
    const { json, items } = errorsOf(list(most));
    expect(Buffer.byteLength(json)).toBeLessThanOrEqual(ERRORS_BYTES_MAX);
    expect(items).toBe(most);
    // Each request starts a new count.
    expect(errorsOf(list(most))).toStrictEqual({ json, items });
  });

  test('is validated until the limit is exceeded when it is inside another list', () => {
    const roles = Array.from({ length: 85_000 }, () => '');
    const { json } = errorsOf([{ customers: [{ account_roles: roles }, { account_roles: roles }] }]);
    expect(Buffer.byteLength(json)).toBeGreaterThan(ERRORS_BYTES_MAX);
    expect(Buffer.byteLength(json)).toBeLessThan(2 * ERRORS_BYTES_MAX);
  });
});
