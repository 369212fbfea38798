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

/** Matches by a regular expression, as an independent check. */
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
  ])('%s matches %s: %s', (written, of, expected) => {
    expect(matchesPattern(written, of)).toBe(expected);
  });

  it.each([
    ['', 'matches fewer than the 10 characters'],
    ['499901', 'matches fewer than the 10 characters'],
    ['49990000010', 'matches more than the 10 characters'],
    ['49990*000001', 'matches more than the 10 characters'],
    ['4999*0*1', 'may have at most one *'],
    ['**', 'may have at most one *'],
    ['4999I*', 'capitals and digits without I and O'],
    ['4999o*', 'capitals and digits without I and O'],
    ['^4999.*$', 'capitals and digits without I and O'],
    ['4999 *', 'capitals and digits without I and O'],
  ])('that no identifier can match is rejected: %j %s', (written, because) => {
    expect(readPattern(written)).toEqual({ error: expect.stringContaining(because) });
    expect(() => matchesPattern(written, '4001248530')).toThrow(because);
  });

  it('matches the same identifiers as its regular expression', () => {
    fc.assert(
      fc.property(pattern, narrowIdentifier, (written, of) => {
        expect(matchesPattern(written, of)).toBe(byExpression(written, of));
      }),
    );
  });

  it('covers another pattern exactly when it matches every identifier that the other matches', () => {
    fc.assert(
      fc.property(pattern, pattern, narrowIdentifier, (wide, other, of) => {
        if (covers(wide, other) && matchesPattern(other, of)) expect(matchesPattern(wide, of)).toBe(true);
        if (!covers(wide, other)) {
          // An identifier that only the other pattern matches: Z is in neither pattern.
          const { expanded } = readPattern(other) as { expanded: string };
          expect(matchesPattern(wide, expanded.replaceAll('?', 'Z'))).toBe(false);
        }
      }),
    );
  });

  it('that is only * matches every identifier', () => {
    fc.assert(fc.property(identifier, (of) => matchesPattern('*', of) && covers('*', of)));
  });

  it('is read from any text without an exception, in linear time', () => {
    fc.assert(fc.property(fc.string({ maxLength: 10_000 }), (written) => void readPattern(written)));
  });
});
