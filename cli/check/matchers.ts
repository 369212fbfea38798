import { isDeepStrictEqual } from 'node:util';

/** Matches a value that is not known beforehand by a predicate. `description` appears in messages. */
export class Matcher {
  readonly description: string;
  readonly test: (value: unknown) => boolean;
  constructor(description: string, test: (value: unknown) => boolean) {
    this.description = description;
    this.test = test;
  }
  toJSON(): string {
    return `<${this.description}>`;
  }
}

/** Matches a string by a pattern. */
export const textMatching = (description: string, pattern: RegExp): Matcher =>
  new Matcher(description, (value) => typeof value === 'string' && pattern.test(value));

/** Whether a JSON value equals the expected one, with exactly its keys. A {@link Matcher} in it decides by its predicate. */
export function matches(expected: unknown, found: unknown): boolean {
  if (expected instanceof Matcher) return expected.test(found);
  if (Array.isArray(expected)) {
    return (
      Array.isArray(found) &&
      found.length === expected.length &&
      expected.every((item, index) => matches(item, found[index]))
    );
  }
  if (typeof expected !== 'object' || expected === null) return isDeepStrictEqual(expected, found);
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return false;
  const keys = Object.keys(expected);
  return (
    keys.length === Object.keys(found).length &&
    keys.every(
      (key) =>
        Object.hasOwn(found, key) &&
        matches((expected as Record<string, unknown>)[key], (found as Record<string, unknown>)[key]),
    )
  );
}
