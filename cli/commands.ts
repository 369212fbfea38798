import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CliError, type Command, UsageError } from './command.ts';
import { drop } from './commands/drop.ts';
import { dropStatus, drops } from './commands/drops.ts';
import { importFile } from './commands/import.ts';
import { login } from './commands/login.ts';
import { validate } from './commands/validate.ts';
import { watch } from './commands/watch.ts';
import { whoami } from './commands/whoami.ts';

/** The commands of the bundled file, in the order of the help. The others are in more-commands.ts. */
export const COMMANDS: readonly Command[] = [
  login,
  whoami,
  validate,
  importFile,
  watch,
  drop,
  drops,
  dropStatus,
];

type Summary = Pick<Command, 'name' | 'summary'>;

/** The names and summaries of {@link MORE_COMMANDS} (more-commands.ts), which the bundle has in place of the commands. */
declare const MORE_SUMMARIES: readonly Summary[];

/** The names and summaries of all commands, in the order of the help. */
export const summaries = (): readonly Summary[] => [...COMMANDS, ...MORE_SUMMARIES];

/** The file with the other commands, beside the bundled one. */
const MORE_FILE = 'supply-points-more.mjs';

/** Returns the command that arguments begin with, and the rest of them. @throws UsageError if there is none */
export async function commandIn(
  args: readonly string[],
): Promise<{ command: Command; rest: readonly string[] }> {
  const [first = '', second = ''] = args;
  const named = (wanted: string) => summaries().find(({ name }) => name === wanted);
  const found = named(`${first} ${second}`) ?? named(first);
  if (found === undefined) throw unknown(first);
  const rest = args.slice(found.name.split(' ').length);
  return { command: 'run' in found ? (found as Command) : await loaded(found.name), rest };
}

function unknown(first: string): UsageError {
  const inGroup = summaries().filter(({ name }) => name.startsWith(`${first} `));
  if (inGroup.length > 0)
    return new UsageError(
      `${first} needs one of ${inGroup.map(({ name }) => name.slice(first.length + 1)).join(', ')}.`,
    );
  return new UsageError(`There is no command ${JSON.stringify(first)}. supply-points --help lists them.`);
}

/** Loads a command of the second file. @throws CliError where the bundled file stands alone */
async function loaded(name: string): Promise<Command> {
  const file = new URL(MORE_FILE, import.meta.url);
  if (!existsSync(file))
    throw new CliError(
      `${name} needs the file ${MORE_FILE} of the package, in the folder ${fileURLToPath(new URL('.', file))}.`,
    );
  const { MORE_COMMANDS } = (await import(file.href)) as { MORE_COMMANDS: readonly Command[] };
  return MORE_COMMANDS.find((command) => command.name === name)!;
}
