import type { ImportKey } from './import-process.ts';

/** Longest external identifier that is looked for, in characters: supply points have ten. */
const IDENTIFIER_LENGTH_MAX = 100;

/**
 * The import that a path `…/{supplier}/{identifier}` names. Undefined where there can be none for a caller who may use
 * these import suppliers: another's are not found, as if there were none.
 */
export function importAt(
  { supplier = '', identifier = '' }: Readonly<Record<string, string | undefined>>,
  suppliers: Readonly<Record<string, unknown>>,
): ImportKey | undefined {
  if (!Object.hasOwn(suppliers, supplier) || identifier.length > IDENTIFIER_LENGTH_MAX) return undefined;
  return { importSupplier: supplier, externalIdentifier: identifier };
}
