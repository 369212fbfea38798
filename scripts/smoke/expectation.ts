import { isDeepStrictEqual } from 'node:util';

/** A value that is not known beforehand, by what must be true of it. `what` says it for people. */
export class Like {
  readonly what: string;
  readonly test: (value: unknown) => boolean;
  constructor(what: string, test: (value: unknown) => boolean) {
    this.what = what;
    this.test = test;
  }
  toJSON(): string {
    return `<${this.what}>`;
  }
}

/** A text that a pattern fits. */
export const textLike = (what: string, pattern: RegExp): Like =>
  new Like(what, (value) => typeof value === 'string' && pattern.test(value));

/** Whether a JSON value is exactly what is expected: no more keys and no fewer, but where a {@link Like} stands. */
export function fits(expected: unknown, found: unknown): boolean {
  if (expected instanceof Like) return expected.test(found);
  if (Array.isArray(expected)) {
    return (
      Array.isArray(found) &&
      found.length === expected.length &&
      expected.every((item, index) => fits(item, found[index]))
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
        fits((expected as Record<string, unknown>)[key], (found as Record<string, unknown>)[key]),
    )
  );
}
