/** A path in a JSON value, with indexes as numbers. */
export type Path = readonly (string | number)[];

/** The paths of all values in a JSON value that are neither objects nor lists. */
export function leavesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const steps = Array.isArray(value) ? value.map((_, index) => index) : Object.keys(value);
  return steps.flatMap((step) =>
    leavesOf((value as Record<string | number, unknown>)[step], [...path, step]),
  );
}

/** A copy of a JSON value with another value at a path. */
export function withLeaf<T>(value: T, path: Path, leaf: unknown): T {
  const copy = structuredClone(value);
  const parent = path
    .slice(0, -1)
    .reduce<Record<string | number, unknown>>(
      (inner, step) => inner[step] as Record<string | number, unknown>,
      copy as Record<string | number, unknown>,
    );
  parent[path.at(-1)!] = leaf;
  return copy;
}

/** Values that contain a mark of letters: each rule of the contract rejects one of them and might quote it. */
export const MARKINGS: readonly ((mark: string) => unknown)[] = [
  (mark) => mark,
  (mark) => ` ${mark}\n`,
  (mark) => `${mark} is not a valid `,
  (mark) => `x is not a valid choice. ${mark}`,
  (mark) => `test@${mark}.com`,
  (mark) => `${mark}@test.com`,
  (mark) => `0491 ${mark}`,
  (mark) => `${mark}\0`,
  (mark) => mark.repeat(100),
  (mark) => [mark],
  (mark) => [[mark]],
  (mark) => ({ [mark]: mark }),
  (mark) => [{ given_name: mark }],
];
