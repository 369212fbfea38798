import type { ImportSupplier, SupplierRegistry } from './registry.ts';

/** How long a worker believes what it read of a supplier. A migration is closed by people, not within seconds. */
export const SUPPLIER_CACHED_SECONDS = 15;

/** The registry's suppliers, remembered for a short time: a worker needs one with each import. `clock` answers epoch ms. */
export function cachedSuppliers(registry: SupplierRegistry, clock: () => number): SupplierRegistry {
  const remembered = new Map<string, { supplier: ImportSupplier | undefined; until: number }>();
  return {
    list: registry.list,
    async get(code) {
      const known = remembered.get(code);
      if (known !== undefined && clock() < known.until) return known.supplier;
      const supplier = await registry.get(code);
      remembered.set(code, { supplier, until: clock() + SUPPLIER_CACHED_SECONDS * 1000 });
      return supplier;
    },
  };
}
