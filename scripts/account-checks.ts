// `npm run account-checks`: checks in a deployed environment what only AWS can show (docs/architecture.md).
import { createInterface } from 'node:readline/promises';
import { checkedEnvironment, EnvironmentError } from '../infra/environment.ts';
import { environmentNamed } from '../infra/environments.ts';
import { changes } from './account-checks/changes.ts';
import type { Account } from './account-checks/check.ts';
import { clientsFor } from './account-checks/clients.ts';
import { deployedEnvironment } from './account-checks/deployed.ts';
import { CHANGING, type Counts, change, LOOKING, look } from './account-checks/run.ts';
import { awsProblem } from './command/aws.ts';
import { ArgumentError, CommandError, main, readArguments, wholeNumber } from './command/command.ts';
import { assertReachable, serviceAt } from './smoke/service.ts';

const USAGE = `npm run account-checks -- --env NAME [options]

Checks in a deployed environment what only AWS can show: a line for each check, \`ok\`, \`differs\`, \`skipped\` with the reason, or
\`unknown\` where AWS refuses to tell. Exit code 1 where one differs or is unknown, or something could not be restored.

Some checks change something for a while, and restore it, also on Ctrl-C. Before them the command says what they change, and asks.
Their imports are dry runs of an invented customer, for an import supplier of their own, ACCOUNT_CHECKS, which is closed again.

  --env NAME       the environment, as for \`npx cdk deploy\`
  --yes            does not ask
  --looks-only     leaves out the checks that change something
  --wait SECONDS   how long a change or an import may take to show (180)
  --help           prints this

Region and credentials are those that the AWS SDK finds.`;

const WAIT_SECONDS_MAX = 1800;
/** By then a drop whose imports end one after another was looked at more often than the 16 times that Lambda lets a chain have. */
const SLOW_SECONDS_DEFAULT = 240;

export type Asked = {
  name: string;
  isConfirmed: boolean;
  looksOnly: boolean;
  waitMs: number;
  slowSeconds: number;
};

/** Reads the command's arguments. @throws ArgumentError */
export function readAsked(args: readonly string[]): Asked {
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

/** Runs the checks, restores what they changed, and answers how many came out how. @throws CommandError */
async function run(asked: Asked): Promise<void> {
  const environment = rowOf(asked.name);
  const clients = clientsFor(environment);
  const changed = changes();
  const interrupt = () => void restore(changed).finally(() => process.exit(130));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const deployed = await deployedEnvironment(clients.cloudFormation, environment);
    const url = deployed.output('ApiUrl');
    const service = serviceAt(url);
    await assertReachable(url, service);
    const { waitMs, slowSeconds } = asked;
    const account: Account = {
      environment,
      deployed,
      clients,
      service,
      changes: changed,
      waitMs,
      slowSeconds,
    };
    const counts = [
      await look(account, LOOKING, console.log),
      await change(account, CHANGING, console.log, await reasonNotToChange(asked)),
    ];
    if (!isFine(counts)) process.exitCode = 1;
  } catch (error) {
    throw awsProblem(error) ?? error;
  } finally {
    await restore(changed);
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

/** Says what would be changed, and asks. Answers why not, if so. */
async function reasonNotToChange({ name, isConfirmed, looksOnly }: Asked): Promise<string | undefined> {
  if (looksOnly) return 'it changes something, and --looks-only leaves that out';
  if (isConfirmed) return undefined;
  if (!process.stdin.isTTY) return 'it changes something: --yes';
  console.log(`\nThe next checks change something in ${name} for a while:`);
  for (const what of new Set(CHANGING.map((check) => check.changes))) console.log(`- ${what}`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // On Ctrl-C the terminal's reader would otherwise keep the signal to itself.
  terminal.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const answer = await terminal.question('Go on? [y/N] ');
  terminal.close();
  return /^y(es)?$/i.test(answer.trim()) ? undefined : 'it changes something, and was declined';
}

async function restore(changed: ReturnType<typeof changes>): Promise<void> {
  const failed = await changed.undoAll();
  for (const line of failed) console.error(`NOT RESTORED: ${line}`);
  if (failed.length > 0) process.exitCode = 1;
}

function isFine(counts: readonly Counts[]): boolean {
  const total = (kind: keyof Counts): number => counts.reduce((sum, each) => sum + each[kind], 0);
  console.log(
    `\n${total('ok')} ok, ${total('differs')} different, ${total('skipped')} skipped, ${total('unknown')} unknown.`,
  );
  return total('differs') + total('unknown') === 0;
}

if (import.meta.main) await main({ usage: USAGE, read: readAsked, run });
