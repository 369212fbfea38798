import { EXIT, helpOf, isCliError, parseCommand } from './command.ts';
import { allCommands, commandIn } from './commands.ts';
import { terminal } from './terminal.ts';

/** The command line's version, which the bundle replaces by the package's. */
declare const VERSION: string;

async function usage(): Promise<string> {
  const commands = await allCommands();
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `supply-points <command> [options]\n\n${lines.join('\n')}\n\n  supply-points <command> --help describes a command. Exit codes: 0, 1 failed, 2 wrong use, 3 some rows failed, 130 interrupted.`;
}

async function run(args: readonly string[]): Promise<number> {
  const json = args.includes('--json') || undefined;
  let output = terminal(process, { json, env: process.env });
  try {
    if (args.length === 0 || args[0] === '--help' || args[0] === '-h') {
      process.stdout.write(`${await usage()}\n`);
      return args.length === 0 ? EXIT.wrongUse : EXIT.ok;
    }
    if (args[0] === '--version') {
      process.stdout.write(`${VERSION}\n`);
      return EXIT.ok;
    }
    const { command, rest } = await commandIn(args);
    if (command.isCaptured) output = terminal(process, { json: json ?? false, env: process.env });
    const parsed = parseCommand(command, rest);
    if (parsed.values['help'] === true) {
      process.stdout.write(`${helpOf(command)}\n`);
      return EXIT.ok;
    }
    return await command.run({ ...parsed, terminal: output, commands: allCommands });
  } catch (error) {
    if (!isCliError(error)) throw error;
    output.error(error.message, error.next);
    return error.exitCode;
  }
}

// A closed pipe, such as that of `head`, ends the command.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});
process.exitCode = await run(process.argv.slice(2));
