import { describe, expect, it } from 'vitest';
import lists from '../../shared/contract/code-lists.json' with { type: 'json' };
import { validateRequest } from '../../shared/contract/request.ts';
import { SUGGESTED_FIELDS_MAX, suggestCodes } from '../../shared/contract/suggest-codes.ts';
import {
  ACCOUNT,
  ADDRESS,
  CONTACT,
  CUSTOMER,
  type Path,
  STREET,
  SUPPLY_POINT,
  suppliers,
  withValue,
} from './requests.ts';

function suggestedFor(body: unknown) {
  const { valid, errors } = { errors: {}, ...validateRequest(body, suppliers) };
  expect(valid).toBe(false);
  return suggestCodes(body, errors, suppliers.keys());
}

/** Each field with a code list, an invalid code, and the expected suggestion. */
const FIELDS: readonly [Path, string, keyof typeof lists | undefined, string][] = [
  [[...SUPPLY_POINT, 'supply_type'], 'Electricity', 'supply_type', 'ELECTRICITY_DISTRIBUTION'],
  [[...ACCOUNT, 'account_type'], 'BUSINES', 'account_type', 'BUSINESS'],
  [[...CUSTOMER, 'title'], 'Doctor', 'title', 'Dr'],
  [[...CUSTOMER, 'account_roles', 0], 'ADMN', 'account_role', 'ADMIN'],
  [[...CONTACT, 'name_type'], 'Maiden', 'name_type', 'MDN'],
  [[...CONTACT, 'phone_1', 'service_type'], 'MOBILE', 'phone_service_type', 'MOBILE_VOICE'],
  [[...ADDRESS, 'administrative_area'], 'New South Wales', 'administrative_area', 'NSW'],
  [[...ADDRESS, 'country'], 'AUS', undefined, 'AU'],
  [[...STREET, 'flat_or_unit_type'], 'Apartment', 'flat_or_unit_type', 'APT'],
  [[...STREET, 'floor_or_level_type'], 'Basement', 'floor_or_level_type', 'B'],
  [[...STREET, 'postal_delivery_type'], 'Lockedbag', 'postal_delivery_type', 'LOCKED BAG'],
  [[...STREET, 'street_suffix'], 'Central', 'street_suffix', 'CN'],
  [[...STREET, 'street_type'], 'Street', 'street_type', 'ST'],
];

describe('suggestCodes', () => {
  it.each(FIELDS.map((row) => [row[0].slice(1).join('.'), ...row] as const))(
    'suggests the nearest code for %s',
    (name, path, sent, list, meant) => {
      const { [name]: codes, ...others } = suggestedFor(withValue(path, sent));
      expect(others).toEqual({});
      expect(codes![0]!.code).toBe(meant);
      expect(codes!.length).toBeLessThanOrEqual(3);
      if (list !== undefined) expect(lists[list].codes).toContainEqual(codes![0]);
    },
  );

  it('covers every code list', () => {
    expect(new Set(FIELDS.map(([, , list]) => list))).toEqual(new Set([...Object.keys(lists), undefined]));
  });

  it('suggests only import suppliers of the caller', () => {
    const body = withValue(['payload', 'import_supplier'], 'TEST_SUPLIER');
    expect(suggestedFor(body)['import_supplier']![0]).toEqual({
      code: 'TEST_SUPPLIER',
      name: 'TEST_SUPPLIER',
    });
  });

  it('suggests codes for at most ten fields of a request, and only for text', () => {
    const many = withValue([...CUSTOMER, 'account_roles'], Array(30).fill('ADMN'));
    expect(Object.keys(suggestedFor(many))).toHaveLength(SUGGESTED_FIELDS_MAX);
    expect(suggestedFor(withValue([...ACCOUNT, 'account_type'], ['BUSINESS']))).toEqual({});
    expect(suggestedFor(withValue([...ACCOUNT, 'account_type'], 'B'.repeat(200)))).toEqual({});
  });
});
