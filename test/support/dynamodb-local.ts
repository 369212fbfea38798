import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Amazon's DynamoDB Local while it runs. */
export type DynamoDBLocal = { endpoint: string; stop(): Promise<void> };

/** How long Java may take to start on a busy machine. */
const START_TIMEOUT_MS = 120_000;
const POLL_MS = 50;
const ANSWER_TIMEOUT_MS = 5_000;

/**
 * Starts Amazon's DynamoDB Local, in memory, at a free port of 127.0.0.1. `-sharedDb`: otherwise it keeps tables for each access key apart
 * (source: Amazon DynamoDB developer guide, "DynamoDB local usage notes"), and each function has its own.
 *
 * @param folder where DynamoDBLocal.jar and DynamoDBLocal_lib are
 * @throws Error where Java is missing, or the process ends before it answers
 */
export async function startDynamoDBLocal(folder: string, { isShared = true } = {}): Promise<DynamoDBLocal> {
  const port = await freePort();
  const args = [
    '-jar',
    'DynamoDBLocal.jar',
    '-inMemory',
    '-port',
    String(port),
    ...(isShared ? ['-sharedDb'] : []),
  ];
  const java = spawn('java', args, {
    cwd: folder,
    // Where Java on Linux finds SQLite's native library.
    env: { ...process.env, LD_LIBRARY_PATH: join(folder, 'DynamoDBLocal_lib') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaints = '';
  java.stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  java.once('error', (error) => {
    complaints += error.message;
  });
  const end = () => java.kill('SIGKILL');
  process.once('exit', end);
  const endpoint = `http://127.0.0.1:${port}`;
  try {
    await answers(endpoint, java, () => complaints);
  } catch (error) {
    end();
    throw error;
  }
  return {
    endpoint,
    async stop() {
      process.off('exit', end);
      const exited = once(java, 'exit');
      end();
      await exited;
    },
  };
}

async function answers(endpoint: string, java: ChildProcess, complaints: () => string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    if (java.pid === undefined || java.exitCode !== null)
      throw new Error(`DynamoDB Local does not start: ${complaints()}`);
    const response = await fetch(endpoint, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) }).catch(
      () => undefined,
    );
    if (response !== undefined) return void (await response.arrayBuffer());
    if (Date.now() > deadline) throw new Error(`DynamoDB Local does not answer at ${endpoint}.`);
    await pause(POLL_MS);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
