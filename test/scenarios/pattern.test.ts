import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covers, matchesPattern, readPattern } from '../../shared/scenarios/pattern.ts';

const CHARACTERS = [...'ABCDEFGHJKLMNPQRSTUVWXYZ0123456789'];
const text = (characters: readonly string[], length: { minLength: number; maxLength: number }) =>
  fc.array(fc.constantFrom(...characters), length).map((parts) => parts.join(''));
const identifier = text(CHARACTERS, { minLength: 10, maxLength: 10 });
/** Patterns over two characters, so that many match. */
const narrow = [...'A1?'];
const pattern = fc.oneof(
  text(narrow, { minLength: 10, maxLength: 10 }),
  fc
    .tuple(text(narrow, { minLength: 0, maxLength: 5 }), text(narrow, { minLength: 0, maxLength: 5 }))
    .map((ends) => ends.join('*')),
);
const narrowIdentifier = text([...'A1'], { minLength: 10, maxLength: 10 });

/** The same by a regular expression: a second opinion on patterns that are known to be harmless. */
const byExpression = (written: string, of: string): boolean =>
  new RegExp(`^${written.replaceAll('?', '.').replace('*', '.*')}$`).test(of);

describe('a pattern', () => {
  it.each([
    ['4999*01', '4999000001', true],
    ['4999*01', '4999123401', true],
    ['4999*01', '4998123401', false],
    ['4999*01', '4999123410', false],
    ['*', '4001248530', true],
    ['4001248530', '4001248530', true],
    ['4001248530', '4001248531', false],
    ['400124853?', '400124853Z', true],
    ['?999*', '4999000000', true],
    ['4999000001*', '4999000001', true],
    ['4999*01', '499901', false],
    ['*', '', false],
  ])('%s has %s: %s', (written, of, expected) => {
    expect(matchesPattern(written, of)).toBe(expected);
  });

  it.each([
    ['', 'asks for fewer than the 10 characters'],
    ['499901', 'asks for fewer than the 10 characters'],
    ['49990000010', 'asks for more than the 10 characters'],
    ['49990*000001', 'asks for more than the 10 characters'],
    ['4999*0*1', 'may hold one * at most'],
    ['**', 'may hold one * at most'],
    ['4999I*', 'capitals and digits without I and O'],
    ['4999o*', 'capitals and digits without I and O'],
    ['^4999.*$', 'capitals and digits without I and O'],
    ['4999 *', 'capitals and digits without I and O'],
  ])('that no identifier can match is refused: %j %s', (written, because) => {
    expect(readPattern(written)).toEqual({ wrong: expect.stringContaining(because) });
    expect(() => matchesPattern(written, '4001248530')).toThrow(because);
  });

  it('matches what the regular expression of it does', () => {
    fc.assert(
      fc.property(pattern, narrowIdentifier, (written, of) => {
        expect(matchesPattern(written, of)).toBe(byExpression(written, of));
      }),
    );
  });

  it('covers another exactly where it matches all that the other does', () => {
    fc.assert(
      fc.property(pattern, pattern, narrowIdentifier, (wide, other, of) => {
        if (covers(wide, other) && matchesPattern(other, of)) expect(matchesPattern(wide, of)).toBe(true);
        if (!covers(wide, other)) {
          // The other one with its open places filled by what the wide one lacks.
          const places = (readPattern(other) as { places: string }).places;
          expect(matchesPattern(wide, places.replaceAll('?', 'Z'))).toBe(false);
        }
      }),
    );
  });

  it('of stars alone has every identifier', () => {
    fc.assert(fc.property(identifier, (of) => matchesPattern('*', of) && covers('*', of)));
  });

  it('takes any text without throwing, and no time', () => {
    fc.assert(fc.property(fc.string({ maxLength: 10_000 }), (written) => void readPattern(written)));
  });
});
