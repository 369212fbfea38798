// `npm run account-checks`: checks a deployed environment for AWS behaviour that the laptop cannot reproduce (docs/architecture.md).
import { createInterface } from 'node:readline/promises';
import { assertReachable, serviceAt } from '../cli/check/service.ts';
import { checkedEnvironment, EnvironmentError } from '../infra/environment.ts';
import { environmentNamed } from '../infra/environments.ts';
import { type Changes, changes } from './account-checks/changes.ts';
import type { Account } from './account-checks/check.ts';
import { clientsFor } from './account-checks/clients.ts';
import { deployedEnvironment } from './account-checks/deployed.ts';
import {
  CHANGING_CHECKS,
  type Counts,
  READ_ONLY_CHECKS,
  runChangingChecks,
  runReadOnlyChecks,
} from './account-checks/run.ts';
import { awsProblem } from './command/aws.ts';
import { ArgumentError, CommandError, main, readArguments, wholeNumber } from './command/command.ts';

const USAGE = `npm run account-checks -- --env NAME [options]

Checks AWS behaviour in a deployed environment that the laptop cannot reproduce. Prints a line for each check: \`ok\`, \`differs\`, \`skipped\`
with the reason, or \`unknown\` if AWS rejects the request. Exit code 1 if one differs or is unknown, or a change could not be restored.

Some checks change something temporarily and restore it, also on Ctrl-C. Before that the command lists the changes and asks for
confirmation. Their imports are dry runs of an invented customer, for an import supplier of their own, ACCOUNT_CHECKS, which is
closed afterwards.

  --env NAME       the environment, as for \`npx cdk deploy\`
  --yes            does not ask for confirmation
  --looks-only     runs only the checks that change nothing
  --wait SECONDS   maximum time until a change or an import takes effect (180)
  --help           prints this

The AWS SDK finds the region and the credentials.`;

const WAIT_SECONDS_MAX = 1800;
/** Long enough for more than 16 follow-up tasks of one drop, the limit at which Lambda's loop detection stops a chain. */
const SLOW_SECONDS_DEFAULT = 240;

export type AccountCheckOptions = {
  name: string;
  isConfirmed: boolean;
  looksOnly: boolean;
  waitMs: number;
  slowSeconds: number;
};

/** Parses the command's arguments. @throws ArgumentError */
export function readOptions(args: readonly string[]): AccountCheckOptions {
  const { values } = readArguments(args, {
    options: {
      env: { type: 'string' },
      yes: { type: 'boolean', default: false },
      'looks-only': { type: 'boolean', default: false },
      wait: { type: 'string', default: '180' },
      // For tests: the delay of the slow drop's imports.
      'slow-seconds': { type: 'string', default: String(SLOW_SECONDS_DEFAULT) },
    },
  });
  if (!values.env) throw new ArgumentError('Name an environment: --env NAME.');
  return {
    name: values.env,
    isConfirmed: values.yes,
    looksOnly: values['looks-only'],
    waitMs: wholeNumber('--wait', values.wait, 0, WAIT_SECONDS_MAX) * 1000,
    slowSeconds: wholeNumber('--slow-seconds', values['slow-seconds'], 1, 900),
  };
}

/** Runs the checks, restores their changes, and prints the number of each outcome. @throws CommandError */
async function run(options: AccountCheckOptions): Promise<void> {
  const environment = rowOf(options.name);
  const clients = clientsFor(environment);
  const madeChanges = changes();
  const interrupt = () => void restore(madeChanges).finally(() => process.exit(130));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const deployed = await deployedEnvironment(clients.cloudFormation, environment);
    const url = deployed.output('ApiUrl');
    const service = serviceAt(url);
    await assertReachable(url, service);
    const { waitMs, slowSeconds } = options;
    const account: Account = {
      environment,
      deployed,
      clients,
      service,
      changes: madeChanges,
      waitMs,
      slowSeconds,
    };
    const counts = [
      await runReadOnlyChecks(account, READ_ONLY_CHECKS, console.log),
      await runChangingChecks(account, CHANGING_CHECKS, console.log, await reasonNotToChange(options)),
    ];
    if (!printSummary(counts)) process.exitCode = 1;
  } catch (error) {
    throw awsProblem(error) ?? error;
  } finally {
    await restore(madeChanges);
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    for (const client of Object.values(clients)) client.destroy();
  }
}

function rowOf(name: string) {
  try {
    return checkedEnvironment(environmentNamed(name));
  } catch (error) {
    throw error instanceof EnvironmentError ? new CommandError(error.message) : error;
  }
}

/** Lists the changes and asks for confirmation. Returns the reason why none may be made, or undefined if they may. */
async function reasonNotToChange({
  name,
  isConfirmed,
  looksOnly,
}: AccountCheckOptions): Promise<string | undefined> {
  if (looksOnly) return 'it changes something, and --looks-only leaves that out';
  if (isConfirmed) return undefined;
  if (!process.stdin.isTTY) return 'it changes something: --yes';
  console.log(`\nThe next checks change something in ${name} for a while:`);
  for (const description of new Set(CHANGING_CHECKS.map((check) => check.changes)))
    console.log(`- ${description}`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // readline handles Ctrl-C itself and does not pass the signal on.
  terminal.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const answer = await terminal.question('Go on? [y/N] ');
  terminal.close();
  return /^y(es)?$/i.test(answer.trim()) ? undefined : 'it changes something, and was declined';
}

async function restore(madeChanges: Changes): Promise<void> {
  const failed = await madeChanges.undoAll();
  for (const line of failed) console.error(`NOT RESTORED: ${line}`);
  if (failed.length > 0) process.exitCode = 1;
}

/** Prints the number of each outcome. Returns whether no check differs or is unknown. */
function printSummary(counts: readonly Counts[]): boolean {
  const total = (kind: keyof Counts): number => counts.reduce((sum, each) => sum + each[kind], 0);
  console.log(
    `\n${total('ok')} ok, ${total('differs')} different, ${total('skipped')} skipped, ${total('unknown')} unknown.`,
  );
  return total('differs') + total('unknown') === 0;
}

if (import.meta.main) await main({ usage: USAGE, read: readOptions, run });
