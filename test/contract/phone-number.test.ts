import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { phoneMetadata } from '../../scripts/phone-metadata.ts';
import { australianNumberType, libraryNumberType } from '../../shared/contract/phone-number.ts';

describe('australianNumberType', () => {
  test.each([
    ['0488008221', 'MOBILE'],
    ['488008221', 'MOBILE'],
    ['+61 488 008 221', 'MOBILE'],
    ['+61 (0)488 008 221', 'MOBILE'],
    ['61488008221', 'MOBILE'],
    ['0011 61 488 008 221', 'MOBILE'],
    ['0488-008-221', 'MOBILE'],
    ['０４８８００８２２１', 'MOBILE'],
    ['०४८८००८२२१', 'MOBILE'],
    ['Mobile: 0488 008 221', 'MOBILE'],
    ['0488008221 (wk)', 'MOBILE'],
    ['(02) 8008 2213', 'FIXED_LINE'],
    ['02 8008 2213 ext. 12', 'FIXED_LINE'],
    ['02 8008 2213 x12', 'FIXED_LINE'],
    ['tel:+61-2-8008-2213;ext=12', 'FIXED_LINE'],
    ['1800 123 456', 'TOLL_FREE'],
    ['1300 123 456', 'SHARED_COST'],
    ['13 12 34', 'SHARED_COST'],
    ['1900 123 456', 'PREMIUM_RATE'],
  ])('returns for %j %s', (text, type) => {
    expect(australianNumberType(text)).toBe(type);
  });

  test.each([
    '',
    'abcde',
    '7',
    '000',
    '80082213',
    '0588008221',
    '04880082',
    '04880082211',
    '+442079460000',
    '+6421123456',
    '+61 8 9162 1234', // Cocos Islands
    '+61 8 9164 1234', // Christmas Island
    '0488 008 221 home',
    '0488008221 or 0488008222',
    '1300 FLOWER',
    `0488008221${' '.repeat(250)}`,
  ])('returns undefined for %j', (text) => {
    expect(australianNumberType(text)).toBeUndefined();
  });
});

const nineDigits = fc.stringMatching(/^[2-478][0-9]{8}$/);
const mobileLike = fc.stringMatching(/^4[0-9]{8}$/);
const spaced = fc
  .tuple(fc.oneof(nineDigits, mobileLike), fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }))
  .map(([digits, spaces]) =>
    [...digits].map((digit, i) => (i > 0 && spaces[i] ? ` ${digit}` : digit)).join(''),
  );

test('returns the same as the library for numbers in the common format', () => {
  const written = fc.tuple(fc.constantFrom('0', '+61', '+61 '), spaced).map((parts) => parts.join(''));
  fc.assert(
    fc.property(written, (text) => {
      expect(australianNumberType(text)).toBe(libraryNumberType(text));
    }),
    { numRuns: 5000 },
  );
});

test('the committed metadata is the output of the script for the installed library', () => {
  const committed = new URL('../../shared/contract/generated/phone-metadata.json', import.meta.url);
  expect(readFileSync(committed, 'utf8'), 'run node scripts/phone-metadata.ts').toBe(phoneMetadata());
});
