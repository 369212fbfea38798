// `npm run smoke`: asks a deployed or a local service for every answer of the contract, and says what differs.
import { main } from './command/command.ts';
import { checksFor, NOT_CHECKED } from './smoke/checks.ts';
import { givenFor } from './smoke/given.ts';
import { readOptions, type SmokeOptions, USAGE } from './smoke/options.ts';
import { runCheck } from './smoke/run-check.ts';
import { mustAnswer, mustBeAccepted, serviceAt } from './smoke/service.ts';

export type Counts = { ok: number; skipped: number; differs: number };

/** Runs all checks one after another, and says a line of each. @throws WrongUse where nothing answers, or a token is refused */
export async function smoke(
  { url, asked, waitMs, createsNothing }: SmokeOptions,
  say: (line: string) => void,
): Promise<Counts> {
  const service = serviceAt(url);
  await mustAnswer(url, service);
  const given = givenFor(asked);
  await mustBeAccepted(given, service);
  const counts: Counts = { ok: 0, skipped: 0, differs: 0 };
  for (const check of checksFor(given, { createsNothing })) {
    const outcome = await runCheck(check, service, waitMs);
    counts[outcome.kind] += 1;
    if (outcome.kind === 'ok') say(`ok       ${check.name}`);
    else say(`${outcome.kind === 'differs' ? 'DIFFERS' : 'skipped'}  ${check.name}: ${outcome.said}`);
  }
  say(`${counts.ok} as the contract says, ${counts.differs} different, ${counts.skipped} skipped.`);
  return counts;
}

/** What is checked, with names in the place of identifiers. */
function list(): string {
  const identifier = { first: 'A', second: 'B', dryRun: 'C', refused: 'D', never: 'E' };
  const given = {
    importer: '',
    viewer: '',
    unknown: '',
    supplier: 'SUPPLIER',
    closedSupplier: 'CLOSED',
    hasScenarios: true,
    identifier,
  };
  const lines = checksFor(given).map(({ name, expected }) => `${expected.status}  ${name}`);
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
