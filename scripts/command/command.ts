import { type ParseArgsConfig, parseArgs } from 'node:util';

/** Thrown where a command cannot be done as it was typed. Its message is for whoever typed it, in one line. */
export class WrongUse extends Error {
  override name = 'WrongUse';
}

/** What was typed after a command, as Node's parseArgs reads it. @throws WrongUse for what the command does not know */
export function parsed<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new WrongUse((error as Error).message.replaceAll('\n', ' '));
  }
}

/** Does a command. Where it fails the process ends with 1: after one line, if it was typed wrong. */
export async function main(command: () => void | Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    console.error(error instanceof WrongUse ? error.message : error);
    process.exitCode = 1;
  }
}
