import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { PlainResource } from '../gate/gate.ts';
import type { GrantUse } from '../gate/permissions.ts';

/** An emulator that listens, and how to stop it. */
export type Emulator = { endpoint: string; stop(): Promise<void> };

/** What its thread is told: at its start, and later. */
export type DynamoDBThreadData = { folder: string | undefined };
export type DynamoDBThreadMessage = 'stop' | 'use of grants' | { guardedBy: PlainResource[] };

export type DynamoDB = Emulator & {
  /** Has the template's policies checked from now on. */
  guardBy(resources: PlainResource[]): void;
  /** What was made of the grants so far; undefined while nothing is checked. */
  useOfGrants(): Promise<GrantUse | undefined>;
};

/** Time that the emulator gets to write what it holds when it is stopped. A kill loses nothing that was answered. */
const STOP_TIMEOUT_MS = 1_000;

/**
 * DynamoDB by dynalite, in memory or in a folder, on 127.0.0.1 at a free port.
 *
 * @throws where another host has the folder open.
 */
export async function startDynamoDB(folder: string | undefined): Promise<DynamoDB> {
  const workerData: DynamoDBThreadData = { folder };
  const worker = new Worker(new URL('./dynamodb-thread.ts', import.meta.url), { workerData });
  const exited = new Promise<void>((done) => worker.once('exit', () => done()));
  const [port] = await once(worker, 'message'); // rejects where the thread throws
  const endpoint = `http://127.0.0.1:${port}`;
  await mustOpen(endpoint, worker, folder);
  return {
    endpoint,
    guardBy(resources) {
      worker.postMessage({ guardedBy: resources } satisfies DynamoDBThreadMessage);
    },
    async useOfGrants() {
      worker.postMessage('use of grants' satisfies DynamoDBThreadMessage);
      const [use] = await once(worker, 'message');
      return use;
    },
    async stop() {
      worker.postMessage('stop' satisfies DynamoDBThreadMessage);
      const late = setTimeout(() => worker.terminate(), STOP_TIMEOUT_MS);
      await exited;
      clearTimeout(late);
    },
  };
}

/** dynalite opens its database with the first question, and throws out of any context where it cannot. */
async function mustOpen(endpoint: string, worker: Worker, folder: string | undefined): Promise<void> {
  const question = fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.DescribeTable',
      'x-amz-date': '20250101T000000Z',
      authorization: 'AWS4-HMAC-SHA256 Credential=host, SignedHeaders=host, Signature=none',
    },
    body: '{"TableName":"any"}',
  });
  const failed = new Promise<never>((_, fail) => worker.once('error', fail));
  try {
    const response = await Promise.race([question, failed]);
    await response.arrayBuffer();
  } catch (cause) {
    throw new Error(`DynamoDB's emulator cannot open ${folder}: another host may use it.`, { cause });
  }
  worker.removeAllListeners('error');
  failed.catch(() => {});
}
