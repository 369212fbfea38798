import { createInterface } from 'node:readline/promises';
import { CliError, UsageError, type Values } from './command.ts';

/** Asks on a terminal. Elsewhere `--yes` is required. @throws UsageError without it; CliError if the answer is no */
export async function confirm(question: string, values: Values): Promise<void> {
  process.stderr.write(`${question}\n`);
  if (values['yes'] === true) return;
  if (!process.stdin.isTTY) throw new UsageError('Give --yes to confirm. Nothing was done.');
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    if (/^y(es)?$/i.test(await prompt.question('Go on? (y/N) '))) return;
  } finally {
    prompt.close();
  }
  throw new CliError('Nothing was done.');
}
