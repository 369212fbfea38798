import { type ParseArgsConfig, parseArgs } from 'node:util';
import { isCliError } from '../../cli/command.ts';

/** Thrown if a command cannot continue for a reason that the user can fix. Its message is one line. */
export class CommandError extends Error {
  override name = 'CommandError';
}

/** Thrown for invalid arguments. The usage is printed after the message. */
export class ArgumentError extends CommandError {
  override name = 'ArgumentError';
}

/** A command-line command. */
export type Command<T> = {
  /** The text that `--help` prints. */
  usage: string;
  /** Reads the arguments. @throws ArgumentError */
  read: (args: readonly string[]) => T;
  /** Runs the command. @throws CommandError */
  run: (options: T) => void | Promise<void>;
};

type Arguments = Omit<ParseArgsConfig, 'args'>;

/** The arguments, read with Node's parseArgs. @throws ArgumentError for an argument that `config` does not list */
export function readArguments<T extends Arguments>(
  args: readonly string[],
  config: T,
): ReturnType<typeof parseArgs<T & { args: string[] }>> {
  try {
    return parseArgs({ ...config, args: [...args] });
  } catch (error) {
    throw new ArgumentError((error as Error).message.replaceAll('\n', ' '));
  }
}

/** A whole number from `min` to `max`. `name` is the option's or the argument's. @throws ArgumentError */
export function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new ArgumentError(
    `${name} must be a whole number from ${min} to ${max}, not ${JSON.stringify(text)}.`,
  );
}

/** Reads a benchmark's only argument, the number of rows. @throws ArgumentError */
export function readRows(args: readonly string[], rowsDefault: number): number {
  const { positionals } = readArguments(args, { allowPositionals: true });
  if (positionals.length > 1)
    throw new ArgumentError(`Unexpected argument ${JSON.stringify(positionals[1])}.`);
  return wholeNumber('rows', positionals[0] ?? String(rowsDefault), 1, 10_000_000);
}

/**
 * Runs a command with the process's arguments. `--help` prints the usage. A {@link CommandError} is printed as one line on standard
 * error, any other error with its stack. The exit code is 1 after either.
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
    console.error(error instanceof CommandError || isCliError(error) ? error.message : error);
    if (error instanceof ArgumentError) console.error(`\n${usage}`);
    process.exitCode = 1;
  }
}
