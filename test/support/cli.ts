import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { bundleCli } from '../../cli/bundle.ts';
import { commandEnvironment } from './command-environment.ts';

export type CliResult = {
  exitCode: number | null;
  /** The lines of standard output, which are JSON outside a terminal. */
  // biome-ignore lint/suspicious/noExplicitAny: lines of different commands
  lines: any[];
  stdout: string;
  stderr: string;
};

/** Builds the command line in a temporary folder, which is also the working directory of its runs. */
export async function builtCli() {
  const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-cli-'));
  const file = join(folder, 'supply-points.mjs');
  await bundleCli(file);
  const start = (args: readonly string[], variables: Record<string, string> = {}): ChildProcess =>
    spawn(process.execPath, [file, ...args], {
      cwd: folder,
      env: commandEnvironment({ SUPPLY_POINTS_CONFIG: join(folder, 'config.json'), ...variables }),
    });
  return {
    folder,
    file,
    start,
    /** Runs a command to its end. Each line of its output is parsed, unless it is help. */
    async run(
      args: readonly string[],
      { input = '', variables = {} }: { input?: string | Buffer; variables?: Record<string, string> } = {},
    ): Promise<CliResult> {
      const child = start(args, variables);
      // A command that ends without reading its input closes the pipe, which is no error of the test.
      child.stdin!.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EPIPE') throw error;
      });
      child.stdin!.end(input);
      const ended = new Promise<number | null>((done) => child.once('close', done));
      const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout!), text(child.stderr!), ended]);
      const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
      return { exitCode, lines: lines.map((line) => JSON.parse(line)), stdout, stderr };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
