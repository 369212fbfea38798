import { setTimeout as pause } from 'node:timers/promises';
import type { Service } from '../../cli/check/service.ts';
import type { Environment } from '../../infra/environment.ts';
import type { Changes } from './changes.ts';
import type { Clients } from './clients.ts';
import type { Deployed } from './deployed.ts';
import type { TemporarySupplier } from './temporary-supplier.ts';

/** A check's result. `unknown`: AWS rejected a request, or did not respond. */
export type Outcome = { kind: 'ok' | 'differs' | 'skipped' | 'unknown'; detail?: string };

/** A deployed environment with its clients, and the checks' time limits. */
export type Account = {
  environment: Environment;
  deployed: Deployed;
  clients: Clients;
  service: Service;
  changes: Changes;
  /** Maximum time until a change or an import takes effect. */
  waitMs: number;
  /** Delay of the slow drop's last import. */
  slowSeconds: number;
};

/** A check that changes nothing. */
export type ReadOnlyCheck = { name: string; run(account: Account): Promise<Outcome> };
/** A check that makes temporary changes. `changes` describes them, for the confirmation prompt. */
export type ChangingCheck = {
  name: string;
  changes: string;
  run(account: Account, supplier: TemporarySupplier): Promise<Outcome>;
};

export const ok = (detail?: string): Outcome => ({ kind: 'ok', ...(detail !== undefined && { detail }) });
export const differs = (detail: string): Outcome => ({ kind: 'differs', detail });
export const skipped = (detail: string): Outcome => ({ kind: 'skipped', detail });

const POLL_INTERVAL_MS = 500;

/** Polls until the outcome is `ok`, for `waitMs` at most. Returns the last outcome. */
export async function eventually(waitMs: number, poll: () => Promise<Outcome>): Promise<Outcome> {
  const until = Date.now() + waitMs;
  for (;;) {
    const outcome = await poll();
    if (outcome.kind === 'ok') return outcome;
    if (Date.now() >= until)
      return { ...outcome, detail: `after ${waitMs / 1000} s still: ${outcome.detail}` };
    await pause(POLL_INTERVAL_MS);
  }
}
