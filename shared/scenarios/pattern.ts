/** The characters of an NMI (source: the contract: capitals and digits without I and O), and `?`. */
const CHARACTERS = /^[A-HJ-NP-Z0-9?]*$/;
const LENGTH = 10;

/**
 * Expands a pattern of identifiers to ten characters, of which `?` matches any: one `*` stands for as many `?` as are missing. Matching
 * then takes at most ten comparisons, whatever the pattern. Returns an error message for a pattern that no identifier can match.
 */
export function readPattern(pattern: string): { expanded: string } | { error: string } {
  const [before = '', after, ...more] = pattern.split('*');
  if (more.length > 0) return { error: 'may have at most one *' };
  if (!CHARACTERS.test(before) || !CHARACTERS.test(after ?? ''))
    return { error: 'may have only capitals and digits without I and O, ? and *' };
  const filled = LENGTH - before.length - (after?.length ?? 0);
  if (filled < 0) return { error: `matches more than the ${LENGTH} characters of an identifier` };
  if (after === undefined && filled > 0)
    return { error: `matches fewer than the ${LENGTH} characters of an identifier, and has no *` };
  return { expanded: before + '?'.repeat(filled) + (after ?? '') };
}

/** Whether a pattern matches an identifier. @throws Error for an invalid pattern */
export const matchesPattern = (pattern: string, identifier: string): boolean =>
  identifier.length === LENGTH && covers(pattern, identifier);

/** Whether a pattern matches every identifier that another one matches. @throws Error for an invalid pattern */
export function covers(pattern: string, other: string): boolean {
  const [wide, narrow] = [expand(pattern), expand(other)];
  return [...wide].every((character, index) => character === '?' || character === narrow[index]);
}

function expand(pattern: string): string {
  const read = readPattern(pattern);
  if ('error' in read) throw new Error(`The pattern ${JSON.stringify(pattern)} ${read.error}.`);
  return read.expanded;
}
