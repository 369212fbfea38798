import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import lists from '../../shared/contract/code-lists.json' with { type: 'json' };
import { editDistance, nearest } from '../../shared/contract/nearest.ts';

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['street', 'steret', 1],
    ['family_name', 'familyname', 1],
    ['ab', 'ba', 1],
  ])('of %j and %j is %i', (one, other, distance) => {
    expect(editDistance(one, other)).toBe(distance);
  });

  it('is symmetric, zero only for equal texts, and at most the longer length', () => {
    const text = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(text, text, (one, other) => {
        const distance = editDistance(one, other);
        expect(distance).toBe(editDistance(other, one));
        expect(distance === 0).toBe(one === other);
        expect(distance).toBeLessThanOrEqual(Math.max(one.length, other.length));
        expect(distance).toBeGreaterThanOrEqual(Math.abs(one.length - other.length));
      }),
    );
  });
});

const PATHS = ['task_params.is_dry_run', 'supply_point.identifier', 'accounts.0.customers.0.family_name'];
const pathNames = (path: string) => [path, path.split('.').at(-1)!];
const codesNear = (list: keyof typeof lists, text: string, likelyOnly = false) =>
  nearest(text, lists[list].codes, ({ code, name }) => [code, name], { likelyOnly }).map(({ code }) => code);

describe('nearest', () => {
  it.each([
    ['is_dry_run', ['task_params.is_dry_run']],
    ['accounts.0.customers.0.familyname', ['accounts.0.customers.0.family_name']],
    ['supply_point.identifer', ['supply_point.identifier']],
    ['Zyxwvut', []],
    ['', []],
  ])('to %j are %j', (text, expected) => {
    expect(nearest(text, PATHS, pathNames)).toEqual(expected);
  });

  it('compares codes and their descriptions', () => {
    expect(codesNear('street_type', 'STREET')[0]).toBe('ST');
    expect(codesNear('administrative_area', 'New South Wales')[0]).toBe('NSW');
    expect(codesNear('account_type', 'BUSINES')[0]).toBe('BUSINESS');
    expect(codesNear('account_type', 'domestic')[0]).toBe('DOMESTIC');
    expect(codesNear('phone_service_type', 'MOBILE')[0]).toBe('MOBILE_VOICE');
  });

  it('returns at most three candidates, and unlikely ones only without likelyOnly', () => {
    expect(codesNear('account_type', 'FOO')).toHaveLength(3);
    expect(codesNear('account_type', 'FOO', true)).toEqual([]);
    expect(codesNear('supply_type', 'GAS')).toEqual(['ELECTRICITY_DISTRIBUTION']);
  });

  it('returns none for a text of more than 100 characters', () => {
    expect(codesNear('street_type', 'S'.repeat(101))).toEqual([]);
    expect(codesNear('street_type', 'S'.repeat(100))).toHaveLength(3);
  });
});
