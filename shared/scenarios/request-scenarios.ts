import type { SupplyPointImport } from '../contract/request.ts';
import { requestScenarioFor, secondOfMinute } from './scenario.ts';
import type { ScenariosOf } from './store.ts';

/** Seconds until a throttled client may try again, when the rule has no end. */
const RETRY_AFTER_SECONDS = 30;

/** How a rule rejects a valid create request. */
export type Rejection = { kind: 'throttled'; retryAfterSeconds: number } | { kind: 'outage' };

/**
 * Returns how a supplier's rules reject a valid create request at `now` (epoch ms), or undefined when they accept it. The caller
 * must ask before it writes anything.
 */
export function rejectByScenario(scenariosOf: ScenariosOf) {
  return async (
    { import_supplier, supply_point }: SupplyPointImport,
    now: number,
  ): Promise<Rejection | undefined> => {
    const rule = requestScenarioFor(await scenariosOf(import_supplier), supply_point.identifier, now);
    if (rule === undefined) return undefined;
    if (rule.outcome === 'OUTAGE') return { kind: 'outage' };
    const { firstSecondsOfMinute } = rule;
    const retryAfterSeconds =
      firstSecondsOfMinute === undefined ? RETRY_AFTER_SECONDS : firstSecondsOfMinute - secondOfMinute(now);
    return { kind: 'throttled', retryAfterSeconds };
  };
}
