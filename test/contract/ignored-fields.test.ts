import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ignoredFields } from '../../shared/contract/ignored-fields.ts';
import {
  ACCOUNT,
  ADDRESS,
  CONTACT,
  CUSTOMER,
  everyField,
  guideExample,
  type Path,
  STREET,
  SUPPLY_POINT,
  withValue,
} from './requests.ts';

describe('ignoredFields', () => {
  test('returns none for requests with only fields of the contract', () => {
    const task_params = { is_dry_run: true, schedule_window_start: null, schedule_window_end: null };
    expect(ignoredFields({ ...everyField(), task_params })).toStrictEqual([]);
    expect(ignoredFields(guideExample())).toStrictEqual([]);
  });

  test.each<[Path, string]>([
    [[], ''],
    [['task_params'], 'task_params.'],
    [['payload'], 'payload.'],
    [SUPPLY_POINT, 'payload.supply_point.'],
    [ACCOUNT, 'payload.accounts.*.'],
    [CUSTOMER, 'payload.accounts.*.customers.*.'],
    [
      [...CUSTOMER, 'postal_address', 'structured_street_address'],
      'payload.accounts.*.customers.*.postal_address.structured_street_address.',
    ],
    [CONTACT, 'payload.accounts.*.outage_contact.'],
    [[...CONTACT, 'phone_1'], 'payload.accounts.*.outage_contact.phone_1.'],
    [ADDRESS, 'payload.accounts.*.outage_contact.postal_address.'],
    [STREET, 'payload.accounts.*.outage_contact.postal_address.structured_street_address.'],
  ])('returns the path of an unknown field at %j', (path, prefix) => {
    const request = { ...everyField(), task_params: {} };
    path.reduce((inner, key) => inner[key], request).familyname = { is_dry_run: true };
    expect(ignoredFields(request)).toStrictEqual([`${prefix}familyname`]);
  });

  test('returns each path once, in the order of the body', () => {
    const customer = { familyname: 1, first_name: 1 };
    const customers = [customer, { nick: 1 }, customer];
    expect(
      ignoredFields({ z: 1, payload: { accounts: [{ customers }, { customers }] }, a: 1 }),
    ).toStrictEqual([
      'z',
      'payload.accounts.*.customers.*.familyname',
      'payload.accounts.*.customers.*.first_name',
      'payload.accounts.*.customers.*.nick',
      'a',
    ]);
  });

  test('returns only names that are plain identifiers', () => {
    const body = JSON.parse(
      '{"given name": 1, "Müller": 1, "a-b": 1, "1a": 1, "": 1, "a\\n": 1, "_a1": 1, "__proto__": 1, "toString": 1}',
    );
    expect(ignoredFields(body)).toStrictEqual(['_a1', '__proto__', 'toString']);
    expect(ignoredFields({ ['a'.repeat(64)]: 1, ['b'.repeat(65)]: 1 })).toStrictEqual(['a'.repeat(64)]);
  });

  test('returns none for plain values and for values of the wrong type', () => {
    for (const value of [null, 1, JSON.rawJSON('1.0'), 'x', [{ a: 1 }], [[{ a: 1 }]]]) {
      expect(ignoredFields(value)).toStrictEqual([]);
      expect(ignoredFields(withValue(['payload', 'supply_point'], value))).toStrictEqual([]);
    }
    expect(ignoredFields(withValue(['payload', 'accounts'], { a: 1 }))).toStrictEqual([]);
    expect(ignoredFields(withValue([...CUSTOMER, 'account_roles'], [{ a: 1 }]))).toStrictEqual([]);
    expect(ignoredFields(withValue([...CUSTOMER, 'title'], { a: 1 }))).toStrictEqual([]);
  });

  test('returns only paths of plain identifiers for any JSON', () => {
    const path = /^(?:(?:\*|[A-Za-z_][A-Za-z0-9_]*)\.)*[A-Za-z_][A-Za-z0-9_]*$/;
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (body, accounts) => {
        for (const sent of [body, { payload: body }, { payload: { accounts } }]) {
          for (const field of ignoredFields(sent)) expect(field).toMatch(path);
        }
      }),
    );
  });
});
