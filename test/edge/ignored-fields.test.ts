import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withIgnoredFieldsHeader } from '../../functions/edge/ignored-fields.ts';
import { created } from '../../functions/edge/responses.ts';

const BYTES_MAX = 1024;
/** The header's value for a body with these unknown fields. */
const headerOf = (names: readonly string[]): string =>
  withIgnoredFieldsHeader(Object.fromEntries(names.map((name) => [name, 1])), created({})).headers![
    'X-Ignored-Fields'
  ]!;

/** Sixteen different names: fifteen of 64 characters, and one that makes all with their separators this long. */
const namesOfLength = (length: number): string[] => {
  const long = Array.from({ length: 15 }, (_, index) => String.fromCharCode(97 + index).repeat(64));
  const rest = length - long.join(', ').length - ', '.length;
  return [...long, 'z'.repeat(rest)];
};

describe('the header X-Ignored-Fields', () => {
  it('has all paths if they are 1,024 bytes long', () => {
    const names = namesOfLength(BYTES_MAX);
    expect(headerOf(names)).toBe(names.join(', '));
    expect(headerOf(names)).toHaveLength(BYTES_MAX);
  });

  it('has fewer paths and "..." if they are one byte longer', () => {
    const names = namesOfLength(BYTES_MAX + 1);
    expect(headerOf(names)).toBe(`${names.slice(0, -1).join(', ')}, ...`);
  });

  it('has room for "..." after the last path', () => {
    const [fitting, tooLong] = [namesOfLength(BYTES_MAX - 5), namesOfLength(BYTES_MAX - 4)];
    expect(headerOf([...fitting, 'more'])).toBe(`${fitting.join(', ')}, ...`);
    expect(headerOf([...tooLong, 'more'])).toBe(`${tooLong.slice(0, -1).join(', ')}, ...`);
  });

  it('has as many whole paths as fit, in the order of the body', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z_]{1,64}$/), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(names, (sent) => {
        const value = headerOf(sent);
        const all = sent.join(', ');
        const listed = all.length <= BYTES_MAX ? sent : value.split(', ').slice(0, -1);
        const withMore = (count: number) => [...sent.slice(0, count), '...'].join(', ');
        expect(value).toBe(all.length <= BYTES_MAX ? all : withMore(listed.length));
        expect(Buffer.byteLength(value)).toBeLessThanOrEqual(BYTES_MAX);
        if (listed.length < sent.length)
          expect(withMore(listed.length + 1).length).toBeGreaterThan(BYTES_MAX);
      }),
    );
  });
});
