import { type ParseArgsConfig, parseArgs } from 'node:util';

/** Thrown when a command cannot do what was asked. Its message is one line for the person who ran it. */
export class WrongUse extends Error {
  override name = 'WrongUse';
}

/** Thrown for arguments that the command does not understand. The usage is printed after the message. */
export class WrongArguments extends WrongUse {
  override name = 'WrongArguments';
}

/** A command: what it accepts and what it does. */
export type Command<T> = {
  /** What `--help` prints. */
  usage: string;
  /** Reads the arguments. @throws WrongArguments */
  read: (args: readonly string[]) => T;
  /** Does the work. @throws WrongUse when it cannot, for a reason that the user can mend */
  run: (options: T) => void | Promise<void>;
};

type Arguments = Omit<ParseArgsConfig, 'args'>;

/** The arguments, read with Node's parseArgs. @throws WrongArguments for an argument that `config` does not list */
export function readArguments<T extends Arguments>(
  args: readonly string[],
  config: T,
): ReturnType<typeof parseArgs<T & { args: string[] }>> {
  try {
    return parseArgs({ ...config, args: [...args] });
  } catch (error) {
    throw new WrongArguments((error as Error).message.replaceAll('\n', ' '));
  }
}

/** A whole number from `min` to `max`. `name` is the option's or the argument's. @throws WrongArguments */
export function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new WrongArguments(
    `${name} must be a whole number from ${min} to ${max}, not ${JSON.stringify(text)}.`,
  );
}

/** The one argument of a benchmark: how many rows it measures. @throws WrongArguments */
export function readRows(args: readonly string[], rowsDefault: number): number {
  const { positionals } = readArguments(args, { allowPositionals: true });
  if (positionals.length > 1)
    throw new WrongArguments(`Unexpected argument ${JSON.stringify(positionals[1])}.`);
  return wholeNumber('rows', positionals[0] ?? String(rowsDefault), 1, 10_000_000);
}

/**
 * Runs a command with the process's arguments. `--help` prints the usage. A failure that the user can mend is one line on standard error,
 * any other an error with its stack; both end the process with 1.
 */
export async function main<T>({ usage, read, run }: Command<T>): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    console.log(usage);
    return;
  }
  try {
    await run(read(args));
  } catch (error) {
    console.error(error instanceof WrongUse ? error.message : error);
    if (error instanceof WrongArguments) console.error(`\n${usage}`);
    process.exitCode = 1;
  }
}
