// `npm run preflight`: checks with read-only calls whether an environment can be deployed, and prints what to do.
import { checkedEnvironment, EnvironmentError } from '../infra/environment.ts';
import { environmentNamed } from '../infra/environments.ts';
import { ArgumentError, CommandError, main, readArguments } from './command/command.ts';
import { preflight } from './preflight/checks.ts';
import { clientsFor } from './preflight/clients.ts';

const USAGE = `npm run preflight -- -c env=NAME

Checks an environment's prerequisites with read-only calls to AWS, and prints how to fix what is missing. Exit code 1 if
something has to be done or could not be checked.

  -c env=NAME   the environment, as for \`npx cdk deploy\`
  --help        prints this

The AWS SDK finds the region and the credentials.`;

/** Parses the environment's name from `-c env=NAME`. @throws ArgumentError */
export function readEnvironmentName(args: readonly string[]): string {
  const options = { context: { type: 'string', short: 'c', multiple: true } } as const;
  const { context = [] } = readArguments(args, { options }).values;
  const [name, ...rest] = context.map((text) => /^env=(.+)$/.exec(text)?.[1]);
  if (name === undefined || rest.length > 0) throw new ArgumentError('Name one environment: -c env=NAME.');
  return name;
}

async function run(name: string): Promise<void> {
  const environment = rowOf(name);
  const clients = clientsFor(environment);
  try {
    const findings = await preflight(environment, clients);
    for (const { kind, check, text } of findings) console.log(`${kind.padEnd(7)}  ${check}: ${text}`);
    const open = findings.filter(({ kind }) => kind === 'to do' || kind === 'unknown').length;
    console.log(open === 0 ? `\n${name} can be deployed.` : `\n${open} to do before ${name} is deployed.`);
    if (open > 0) process.exitCode = 1;
  } finally {
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

if (import.meta.main) await main({ usage: USAGE, read: readEnvironmentName, run });
