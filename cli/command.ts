import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import type { Terminal } from './terminal.ts';

/** Exit codes of every command. */
export const EXIT = { ok: 0, failed: 1, wrongUse: 2, rowsFailed: 3, interrupted: 130 } as const;

/** Thrown to end a command. The message is one line: what happened, what was done and what was not. */
export class CliError extends Error {
  override name = 'CliError';
  readonly exitCode: number;
  /** The command to go on with. */
  readonly next: string | undefined;

  constructor(
    message: string,
    { exitCode = EXIT.failed as number, next }: { exitCode?: number; next?: string } = {},
  ) {
    super(message);
    this.exitCode = exitCode;
    this.next = next;
  }
}

/** Whether an error ends a command with one line. The second file's errors have classes of their own (commands.ts). */
export const isCliError = (error: unknown): error is CliError =>
  error instanceof Error && ['CliError', 'UsageError'].includes(error.name);

/** Thrown for invalid arguments. */
export class UsageError extends CliError {
  override name = 'UsageError';
  constructor(message: string) {
    super(message, { exitCode: EXIT.wrongUse });
  }
}

/** An option of a command, as for Node's parseArgs, with its description. */
export type CliOption = ParseArgsOptionsConfig[string] & {
  description: string;
  /** The name of its value, such as `N`. */
  value?: string;
};

export type Options = Readonly<Record<string, CliOption>>;
/** The values of options. */
export type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

export type Invocation = {
  values: Values;
  positionals: readonly string[];
  terminal: Terminal;
  /** Returns all commands. */
  commands: () => Promise<readonly Command[]>;
};

/** A command of the command line. Help, completion and the reference page are made from it. */
export type Command = {
  name: string;
  /** The positional arguments, such as `FILE…`. */
  argument?: { name: string; min: number; max: number };
  summary: string;
  /** Paragraphs of the help. */
  description?: string;
  options: Options;
  /** Its standard output is for scripts to capture: without `--json` it has neither JSON nor errors. */
  isCaptured?: boolean;
  /** Runs the command. Returns the exit code. @throws CliError */
  run: (invocation: Invocation) => Promise<number>;
};

/** Options that every command has. */
export const COMMON_OPTIONS: Options = {
  json: {
    type: 'boolean',
    description: 'write JSON lines, also for errors; the default if the output is not a terminal',
  },
  help: { type: 'boolean', short: 'h', description: 'print this' },
};

/** Options of the commands that send requests. */
export const SERVICE_OPTIONS: Options = {
  env: {
    type: 'string',
    value: 'NAME',
    description: 'the environment of `login` (default: the last one used)',
  },
};

export const SUPPLIER_OPTION: Options = {
  supplier: {
    type: 'string',
    value: 'CODE',
    description: 'the import supplier (default: the only open one of the token)',
  },
};

/** Parses a command's arguments. @throws UsageError */
export function parseCommand(
  command: Command,
  args: readonly string[],
): Pick<Invocation, 'values' | 'positionals'> {
  const { values, positionals } = parsed(command, args);
  const { argument } = command;
  const most = argument?.max ?? 0;
  if (positionals.length > most)
    throw new UsageError(`${command.name} does not take the argument ${JSON.stringify(positionals[most])}.`);
  if (argument !== undefined && positionals.length < argument.min && values['help'] !== true)
    throw new UsageError(`${command.name} needs ${argument.name}.`);
  return { values, positionals };
}

function parsed({ options }: Command, args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: { ...options, ...COMMON_OPTIONS }, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split('\n')[0]!.replace(/ To specify .*/, ''));
  }
}

/** Reads an option that is a whole number. @throws UsageError */
export function wholeNumber(
  values: Values,
  name: string,
  defaultValue: number,
  min: number,
  max: number,
): number {
  const text = values[name];
  if (text === undefined) return defaultValue;
  const value = /^\d+$/.test(String(text)) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(
    `--${name} must be a whole number from ${min} to ${max}, not ${JSON.stringify(text)}.`,
  );
}

/** Returns the help of a command. */
export function helpOf({ name, argument, summary, description, options }: Command): string {
  const all = Object.entries({ ...options, ...COMMON_OPTIONS });
  const head = (option: string, { short, value, type }: CliOption) =>
    `${short === undefined ? '' : `-${short}, `}--${option}${type === 'string' ? ` ${value ?? 'TEXT'}` : ''}`;
  const width = Math.max(...all.map(([option, config]) => head(option, config).length));
  const lines = all.map(
    ([option, config]) => `  ${head(option, config).padEnd(width)}  ${config.description}`,
  );
  return [
    `supply-points ${name}${argument === undefined ? '' : ` ${argument.name}`} [options]`,
    `${summary}${description === undefined ? '' : `\n\n${description}`}`,
    lines.join('\n'),
  ].join('\n\n');
}
