import { connectionError } from '../../cli/check/service.ts';
import { awsProblem } from '../command/aws.ts';
import { CommandError } from '../command/command.ts';
import type { Account, ChangingCheck, Outcome, ReadOnlyCheck } from './check.ts';
import { dropChecks } from './drop-checks.ts';
import { edgeChecks } from './edge-checks.ts';
import { eventCheck, notificationChecks } from './event-checks.ts';
import { releaseChecks } from './release-checks.ts';
import { tableChecks } from './table-checks.ts';
import { openSupplier, type TemporarySupplier } from './temporary-supplier.ts';
import { throttleChecks } from './throttle-checks.ts';
import { tokenCheck } from './token-check.ts';

export const READ_ONLY_CHECKS: readonly ReadOnlyCheck[] = [
  ...edgeChecks,
  ...tableChecks,
  ...releaseChecks,
  ...notificationChecks,
];
/** Ordered by duration, the longest last. */
export const CHANGING_CHECKS: readonly ChangingCheck[] = [
  ...throttleChecks,
  tokenCheck,
  eventCheck,
  ...dropChecks,
];

export type Counts = Record<Outcome['kind'], number>;
type Print = (line: string) => void;

/** Runs read-only checks one after another, and prints a line for each. */
export async function runReadOnlyChecks(
  account: Account,
  checks: readonly ReadOnlyCheck[],
  print: Print,
): Promise<Counts> {
  const counts = noCounts();
  for (const { name, run } of checks) count(counts, name, await outcomeOf(() => run(account)), print);
  return counts;
}

/**
 * Runs checks that make temporary changes one after another, and prints a line for each. The caller undoes their changes
 * (Account.changes).
 *
 * @param reason why the checks must not run; each of them is then skipped
 */
export async function runChangingChecks(
  account: Account,
  checks: readonly ChangingCheck[],
  print: Print,
  reason?: string,
): Promise<Counts> {
  const counts = noCounts();
  let supplier: TemporarySupplier | Outcome | undefined;
  for (const { name, run } of checks) {
    const outcome = await outcomeOf(async () => {
      if (reason !== undefined) return { kind: 'skipped', detail: reason };
      supplier ??= await openSupplier(account);
      return run(account, supplier as TemporarySupplier);
    });
    count(counts, name, outcome, print);
  }
  return counts;
}

const noCounts = (): Counts => ({ ok: 0, differs: 0, skipped: 0, unknown: 0 });

function count(counts: Counts, name: string, { kind, detail }: Outcome, print: Print): void {
  counts[kind] += 1;
  print(`${kind.padEnd(7)}  ${name}${detail === undefined ? '' : `: ${detail}`}`);
}

/** Runs a check. An error of AWS or the API makes it `unknown`, and the other checks continue. */
async function outcomeOf(run: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await run();
  } catch (error) {
    const detail = reasonOf(error);
    if (detail === undefined) throw error;
    return { kind: 'unknown', detail };
  }
}

/** Returns the reason of an error of AWS or the API, or undefined for another error. */
function reasonOf(error: unknown): string | undefined {
  const problem = awsProblem(error);
  if (problem !== undefined) return problem.message;
  const { name, message, ...rest } = error as Error & { $metadata?: unknown };
  if (error instanceof CommandError) return message;
  if ('$metadata' in rest) return `${name}: ${message.replaceAll('\n', ' ')}`;
  // Errors of fetch.
  if (name === 'TimeoutError' || message === 'fetch failed') {
    return `the API does not respond (${connectionError(error as Error)})`;
  }
  return undefined;
}
