import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Endpoints } from '../../../infra/local/host.ts';
import type { DevelopmentTokens } from '../../../infra/local/seed.ts';

const MAIN = join(import.meta.dirname, '../../../infra/local/start.cjs');

export type Ended = { code: number | null; signal: string | null; stdout: string; stderr: string };

/** Runs `npm start`, with any free API port by default. */
export function startCommand(args: string[], variables: Record<string, string> = {}) {
  const { PORT: _, DYNAMODB_ENDPOINT: __, ...inherited } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...inherited, PORT: '0', ...variables } });
  const output = { stdout: '', stderr: '' };
  const isReady = Promise.withResolvers<void>();
  child.stdout.on('data', (chunk) => {
    output.stdout += chunk;
    if (/^ready http:\/\/127\.0\.0\.1:\d+\n$/m.test(output.stdout)) isReady.resolve();
  });
  child.stderr.on('data', (chunk) => {
    output.stderr += chunk;
  });
  const ended = new Promise<Ended>((done) => {
    child.on('close', (code, signal) => {
      isReady.reject(new Error(`Ended with ${code ?? signal}: ${output.stderr}`));
      done({ code, signal, ...output });
    });
  });
  isReady.promise.catch(() => {}); // not everybody waits for it
  return {
    pid: child.pid!,
    output,
    ended,
    /** Resolves with the last line. @throws if the process ends before */
    ready: isReady.promise,
    /** Sends a signal. Returns the exit and its delay. */
    async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<Ended & { afterMs: number }> {
      const from = performance.now();
      child.kill(signal);
      return { ...(await ended), afterMs: performance.now() - from };
    },
  };
}
export type Command = ReturnType<typeof startCommand>;

export type EndpointsFile = Endpoints & DevelopmentTokens;

export const endpointsIn = (folder: string, file = 'endpoints.json'): EndpointsFile =>
  JSON.parse(readFileSync(join(folder, file), 'utf8'));
