import type { Scenario } from './scenario.ts';
import type { ScenarioStore } from './store.ts';

/** How long a function follows rules as it read them, as long as it believes other things of a supplier. */
export const SCENARIOS_CACHED_SECONDS = 15;

/** A supplier's rules, of which there may be none, by its code. */
export type ScenariosOf = (importSupplier: string) => Promise<readonly Scenario[]>;

/** The rules in the registry, remembered for a short time: each submission and each import asks for them. `clock` answers epoch ms. */
export function cachedScenarios(store: Pick<ScenarioStore, 'get'>, clock: () => number): ScenariosOf {
  const remembered = new Map<string, { rules: readonly Scenario[]; until: number }>();
  return async (importSupplier) => {
    const known = remembered.get(importSupplier);
    if (known !== undefined && clock() < known.until) return known.rules;
    const rules = (await store.get(importSupplier)) ?? [];
    remembered.set(importSupplier, { rules, until: clock() + SCENARIOS_CACHED_SECONDS * 1000 });
    return rules;
  };
}
