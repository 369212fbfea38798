import { setTimeout as pause } from 'node:timers/promises';
import type { Environment } from '../../infra/environment.ts';
import type { Service } from '../smoke/service.ts';
import type { Changes } from './changes.ts';
import type { Clients } from './clients.ts';
import type { Deployed } from './deployed.ts';
import type { TemporarySupplier } from './temporary-supplier.ts';

/** What came of a check. `unknown`: AWS refused to tell. */
export type Outcome = { kind: 'ok' | 'differs' | 'skipped' | 'unknown'; detail?: string };

/** A deployed environment, and how long the checks wait for it. */
export type Account = {
  environment: Environment;
  deployed: Deployed;
  clients: Clients;
  service: Service;
  changes: Changes;
  /** How long a change or an import may take until it shows. */
  waitMs: number;
  /** How long the imports of the slow drop are made to take. */
  slowSeconds: number;
};

/** A check that only looks. */
export type LookingCheck = { name: string; run(account: Account): Promise<Outcome> };
/** A check that changes something for a while: `changes` says what, for the person who is asked. */
export type ChangingCheck = {
  name: string;
  changes: string;
  run(account: Account, supplier: TemporarySupplier): Promise<Outcome>;
};

export const ok = (detail?: string): Outcome => ({ kind: 'ok', ...(detail !== undefined && { detail }) });
export const differs = (detail: string): Outcome => ({ kind: 'differs', detail });
export const skipped = (detail: string): Outcome => ({ kind: 'skipped', detail });

const POLL_INTERVAL_MS = 500;

/** Looks again until it is ok, for `waitMs` at most. */
export async function eventually(waitMs: number, look: () => Promise<Outcome>): Promise<Outcome> {
  const until = Date.now() + waitMs;
  for (;;) {
    const outcome = await look();
    if (outcome.kind === 'ok') return outcome;
    if (Date.now() >= until)
      return { ...outcome, detail: `after ${waitMs / 1000} s still: ${outcome.detail}` };
    await pause(POLL_INTERVAL_MS);
  }
}
