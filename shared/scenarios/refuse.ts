import type { SupplyPointImport } from '../contract/request.ts';
import type { ScenariosOf } from './cached.ts';
import { refusalFor, secondOfMinute } from './scenario.ts';

/** After how long a client that is throttled may come again, where the rule does not say when it ends. */
const RETRY_AFTER_SECONDS = 30;

/** How a rehearsal refuses a submission: a status, and what goes with it (source: the contract, "Every other answer"). */
export type RehearsedRefusal = {
  status: 429 | 503;
  body: { detail: string; code: string };
  headers: Record<string, string>;
};

/** Says whether a supplier's rules have a valid submission refused at that time (epoch ms), before anything is written. */
export function refuseByScenario(scenariosOf: ScenariosOf) {
  return async (
    { import_supplier, supply_point }: SupplyPointImport,
    now: number,
  ): Promise<RehearsedRefusal | undefined> => {
    const rule = refusalFor(await scenariosOf(import_supplier), supply_point.identifier, now);
    if (rule === undefined) return undefined;
    if (rule.outcome === 'OUTAGE')
      return { status: 503, body: { detail: 'A server error occurred.', code: 'error' }, headers: {} };
    const seconds =
      rule.firstSecondsOfMinute === undefined
        ? RETRY_AFTER_SECONDS
        : rule.firstSecondsOfMinute - secondOfMinute(now);
    return {
      status: 429,
      body: {
        detail: `Request was throttled. Expected available in ${seconds} second${seconds === 1 ? '' : 's'}.`,
        code: 'throttled',
      },
      headers: { 'Retry-After': String(seconds) },
    };
  };
}
