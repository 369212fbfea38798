/** The kinds of items of the `registry` table: its partition keys. Each function may use only some (infra/cloud/grants.ts). */
export const REGISTRY_KINDS = {
  suppliers: 'import-suppliers',
  tokens: 'tokens',
  erasures: 'erasures',
  /** Counts of imports (imports/storage/import-counts.ts). */
  counts: 'counts',
} as const;
export type RegistryKind = keyof typeof REGISTRY_KINDS;
