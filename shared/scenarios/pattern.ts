/** Characters of a supply point's identifier (source: the contract, NMI: capitals and digits without I and O). */
const CHARACTERS = /^[A-HJ-NP-Z0-9?]*$/;
const LENGTH = 10;

/**
 * Reads a pattern of identifiers: `?` is any character, and one `*` fills up to the ten that identifiers have. So each
 * pattern is ten places, and matching takes ten comparisons whatever somebody registers. Answers the places, or what is
 * wrong with the pattern: one that no identifier can match is refused.
 */
export function readPattern(pattern: string): { places: string } | { wrong: string } {
  const [before = '', after, ...more] = pattern.split('*');
  if (more.length > 0) return { wrong: 'may hold one * at most' };
  if (!CHARACTERS.test(before) || !CHARACTERS.test(after ?? ''))
    return { wrong: 'may hold capitals and digits without I and O, as identifiers do, ? and *' };
  const filled = LENGTH - before.length - (after?.length ?? 0);
  if (filled < 0) return { wrong: `asks for more than the ${LENGTH} characters that identifiers have` };
  if (after === undefined && filled > 0)
    return { wrong: `asks for fewer than the ${LENGTH} characters that identifiers have, and holds no *` };
  return { places: before + '?'.repeat(filled) + (after ?? '') };
}

/** Whether an identifier is one of a pattern's. @throws Error for what {@link readPattern} refuses. */
export const matchesPattern = (pattern: string, identifier: string): boolean =>
  identifier.length === LENGTH && covers(pattern, identifier);

/** Whether a pattern matches all that another one does. @throws Error for what {@link readPattern} refuses. */
export function covers(pattern: string, other: string): boolean {
  const [wide, narrow] = [placesOf(pattern), placesOf(other)];
  return [...wide].every((place, index) => place === '?' || place === narrow[index]);
}

function placesOf(pattern: string): string {
  const read = readPattern(pattern);
  if ('wrong' in read) throw new Error(`The pattern ${JSON.stringify(pattern)} ${read.wrong}.`);
  return read.places;
}
