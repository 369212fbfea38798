// `npm run smoke`: compares the responses of a deployed or local service with the contract.
import { main } from './command/command.ts';
import { checksFor, NOT_CHECKED } from './smoke/checks.ts';
import { checkInputs } from './smoke/inputs.ts';
import { readOptions, type SmokeOptions, USAGE } from './smoke/options.ts';
import { runCheck } from './smoke/run-check.ts';
import { assertReachable, assertTokensAccepted, serviceAt } from './smoke/service.ts';

export type Counts = { ok: number; skipped: number; differs: number };

/** Runs all checks in order and prints a line for each. @throws CommandError if nothing responds or a token is rejected */
export async function smoke(
  { url, caller, waitMs, createsNothing }: SmokeOptions,
  print: (line: string) => void,
): Promise<Counts> {
  const service = serviceAt(url);
  await assertReachable(url, service);
  const inputs = checkInputs(caller);
  await assertTokensAccepted(inputs, service);
  const counts: Counts = { ok: 0, skipped: 0, differs: 0 };
  for (const check of checksFor(inputs, { createsNothing })) {
    const outcome = await runCheck(check, service, waitMs);
    counts[outcome.kind] += 1;
    if (outcome.kind === 'ok') print(`ok       ${check.name}`);
    else print(`${outcome.kind === 'differs' ? 'DIFFERS' : 'skipped'}  ${check.name}: ${outcome.detail}`);
  }
  print(`${counts.ok} match the contract, ${counts.differs} differ, ${counts.skipped} skipped.`);
  return counts;
}

/** The names of all checks, with letters in place of identifiers. */
function list(): string {
  const identifier = { first: 'A', second: 'B', dryRun: 'C', rejected: 'D', never: 'E' };
  const inputs = {
    importer: '',
    viewer: '',
    unknown: '',
    supplier: 'SUPPLIER',
    closedSupplier: 'CLOSED',
    hasScenarios: true,
    identifier,
  };
  const lines = checksFor(inputs).map(({ name, expected }) => `${expected.status}  ${name}`);
  return [...lines, `Not checked: ${NOT_CHECKED}.`].join('\n');
}

if (import.meta.main) {
  await main({
    usage: USAGE,
    read: (args) => readOptions(args, process.env),
    run: async (options) => {
      if (options === 'list') console.log(list());
      else if ((await smoke(options, console.log)).differs > 0) process.exitCode = 1;
    },
  });
}
