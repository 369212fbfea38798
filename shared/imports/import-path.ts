import type { ImportKey } from './model/import-process.ts';

/** Maximum length of an external identifier, in characters. Supply point identifiers have ten. */
const IDENTIFIER_LENGTH_MAX = 100;

/**
 * Returns the import that a path `…/{supplier}/{identifier}` names. Returns undefined if the caller has no access to the
 * supplier, so the response is the same 404 as for an unknown import.
 */
export function importAt(
  { supplier = '', identifier = '' }: Readonly<Record<string, string | undefined>>,
  suppliers: Readonly<Record<string, unknown>>,
): ImportKey | undefined {
  if (!Object.hasOwn(suppliers, supplier) || identifier.length > IDENTIFIER_LENGTH_MAX) return undefined;
  return { importSupplier: supplier, externalIdentifier: identifier };
}
