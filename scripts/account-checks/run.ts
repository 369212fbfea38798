import { awsProblem } from '../command/aws.ts';
import { CommandError } from '../command/command.ts';
import { connectionError } from '../smoke/service.ts';
import type { Account, ChangingCheck, LookingCheck, Outcome } from './check.ts';
import { dropChecks } from './drop-checks.ts';
import { edgeChecks } from './edge-checks.ts';
import { eventCheck, notificationChecks } from './event-checks.ts';
import { releaseChecks } from './release-checks.ts';
import { tableChecks } from './table-checks.ts';
import { openSupplier, type TemporarySupplier } from './temporary-supplier.ts';
import { throttleChecks } from './throttle-checks.ts';
import { tokenCheck } from './token-check.ts';

export const LOOKING: readonly LookingCheck[] = [
  ...edgeChecks,
  ...tableChecks,
  ...releaseChecks,
  ...notificationChecks,
];
/** The longest waits last. */
export const CHANGING: readonly ChangingCheck[] = [...throttleChecks, tokenCheck, eventCheck, ...dropChecks];

export type Counts = Record<Outcome['kind'], number>;
type Say = (line: string) => void;

/** Runs the checks that only look, one after another, and says a line of each. */
export async function look(account: Account, checks: readonly LookingCheck[], say: Say): Promise<Counts> {
  const counts = noCounts();
  for (const { name, run } of checks) count(counts, name, await outcomeOf(() => run(account)), say);
  return counts;
}

/**
 * The same for checks that change something. `reason`: why none of them may run; each is then skipped. Undoing is the caller's
 * (Account.changes).
 */
export async function change(
  account: Account,
  checks: readonly ChangingCheck[],
  say: Say,
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
    count(counts, name, outcome, say);
  }
  return counts;
}

const noCounts = (): Counts => ({ ok: 0, differs: 0, skipped: 0, unknown: 0 });

function count(counts: Counts, name: string, { kind, detail }: Outcome, say: Say): void {
  counts[kind] += 1;
  say(`${kind.padEnd(7)}  ${name}${detail === undefined ? '' : `: ${detail}`}`);
}

/** A check that gets no answer leaves its question open; the others go on. */
async function outcomeOf(run: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await run();
  } catch (error) {
    const detail = reasonOf(error);
    if (detail === undefined) throw error;
    return { kind: 'unknown', detail };
  }
}

/** Why AWS or the API did not answer; undefined for an error of another kind. */
function reasonOf(error: unknown): string | undefined {
  const problem = awsProblem(error);
  if (problem !== undefined) return problem.message;
  const { name, message, ...rest } = error as Error & { $metadata?: unknown };
  if (error instanceof CommandError) return message;
  if ('$metadata' in rest) return `${name}: ${message.replaceAll('\n', ' ')}`;
  // What fetch throws.
  if (name === 'TimeoutError' || message === 'fetch failed') {
    return `the API does not answer (${connectionError(error as Error)})`;
  }
  return undefined;
}
