import { existsSync } from 'node:fs';
import { type Command, UsageError } from './command.ts';
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

/** The file with the other commands, beside the bundled one. */
const MORE_FILE = 'supply-points-more.mjs';

/** All commands in the order of the help; only {@link COMMANDS} where the bundled file stands alone. */
export async function allCommands(): Promise<readonly Command[]> {
  const file = new URL(MORE_FILE, import.meta.url);
  if (!existsSync(file)) return COMMANDS;
  const { MORE_COMMANDS } = (await import(file.href)) as { MORE_COMMANDS: readonly Command[] };
  return [...COMMANDS, ...MORE_COMMANDS];
}

/** Returns the command that arguments begin with, and the rest of them. @throws UsageError if there is none */
export async function commandIn(
  args: readonly string[],
): Promise<{ command: Command; rest: readonly string[] }> {
  const [first = '', second = ''] = args;
  const known = COMMANDS.find(({ name }) => name === first);
  if (known !== undefined) return { command: known, rest: args.slice(1) };
  const all = await allCommands();
  const command =
    all.find(({ name }) => name === `${first} ${second}`) ?? all.find(({ name }) => name === first);
  if (command === undefined) throw unknown(first, all);
  return { command, rest: args.slice(command.name.split(' ').length) };
}

function unknown(first: string, all: readonly Command[]): UsageError {
  const inGroup = all.filter(({ name }) => name.startsWith(`${first} `));
  if (inGroup.length > 0)
    return new UsageError(
      `${first} needs one of ${inGroup.map(({ name }) => name.slice(first.length + 1)).join(', ')}.`,
    );
  const isAlone = all.length === COMMANDS.length;
  return new UsageError(
    `There is no command ${JSON.stringify(first)}${isAlone ? ` without the package’s file ${MORE_FILE}` : ''}. supply-points --help lists them.`,
  );
}
