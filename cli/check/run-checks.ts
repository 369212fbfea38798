import { checksFor } from './checks.ts';
import { type CallerOptions, checkInputs } from './inputs.ts';
import { type Outcome, runCheck } from './run-check.ts';
import { assertReachable, assertTokensAccepted, serviceAt } from './service.ts';

export type CheckOptions = {
  url: string;
  caller: CallerOptions;
  waitMs: number;
  /** Skips the checks that store something. */
  createsNothing: boolean;
};

export type Counts = { ok: number; skipped: number; differs: number };

/**
 * Compares a service's responses with the contract. Runs all checks in order.
 *
 * @param report receives each check's name and outcome
 * @throws CliError if nothing responds or a token is rejected
 */
export async function runChecks(
  { url, caller, waitMs, createsNothing }: CheckOptions,
  report: (name: string, outcome: Outcome) => void,
): Promise<Counts> {
  const service = serviceAt(url);
  await assertReachable(url, service);
  const inputs = checkInputs(caller);
  await assertTokensAccepted(inputs, service);
  const counts: Counts = { ok: 0, skipped: 0, differs: 0 };
  for (const check of checksFor(inputs, { createsNothing })) {
    const outcome = await runCheck(check, service, waitMs);
    counts[outcome.kind] += 1;
    report(check.name, outcome);
  }
  return counts;
}
