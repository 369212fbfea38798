import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { AccessKeys } from '../access/credentials.ts';
import type { PlainResource } from '../iam/iam.ts';
import type { GrantUse } from '../iam/permissions.ts';
import type { TableShape } from '../write-units.ts';
import type { IndexRepair } from './index-repair.ts';
import type { StoreUnits, StoreUse } from './write-throttle.ts';

/** An emulator that listens, and how to stop it. */
export type Emulator = { endpoint: string; stop(): Promise<void> };

/** What its thread is told: at its start, and later. */
export type DynamoDBThreadData = { folder: string | undefined; keys: AccessKeys };
export type DynamoDBThreadMessage =
  | 'stop'
  | 'use of grants'
  | 'use of the store'
  | { guardedBy: PlainResource[] }
  | { throttledTo: StoreUnits; shapes: ReadonlyMap<string, TableShape> };
/** What it answers first. */
export type DynamoDBThreadReady = { endpoint: string; indexRepair: IndexRepair | undefined };

export type DynamoDB = Emulator & {
  /** Has the template's policies checked from now on. */
  enforcePolicies(resources: PlainResource[]): void;
  /** What was made of the grants so far; undefined while nothing is checked. */
  useOfGrants(): Promise<GrantUse | undefined>;
  /** Has writes throttled from now on; `shapes` by the tables' names. */
  throttleWrites(units: StoreUnits, shapes: ReadonlyMap<string, TableShape>): void;
  /** What was written since then; undefined while nothing is throttled. */
  storeUse(): Promise<StoreUse | undefined>;
};

/** Time that the emulator gets to write what it holds when it is stopped. A kill loses nothing that was answered. */
const STOP_TIMEOUT_MS = 1_000;

/**
 * DynamoDB by dynalite, in memory or in a folder, on 127.0.0.1 at a free port, for those who have one of the keys.
 *
 * @param report is told in one line when indexes were rebuilt, because the run before was killed
 * @throws where another host has the folder open.
 */
export async function startDynamoDB(
  folder: string | undefined,
  keys: AccessKeys,
  report: (line: string) => void = () => {},
): Promise<DynamoDB> {
  const workerData: DynamoDBThreadData = { folder, keys };
  const worker = new Worker(new URL('./dynamodb-thread.ts', import.meta.url), { workerData });
  const exited = new Promise<void>((done) => worker.once('exit', () => done()));
  const { endpoint, indexRepair } = await isReady(worker, folder);
  if (indexRepair !== undefined) {
    const { removed, added } = indexRepair;
    report(
      `DynamoDB: the run before did not stop cleanly, so its indexes were rebuilt: ${removed} wrong entries removed, ${added} missing ones added.`,
    );
  }
  return {
    endpoint,
    enforcePolicies(resources) {
      worker.postMessage({ guardedBy: resources } satisfies DynamoDBThreadMessage);
    },
    async useOfGrants() {
      worker.postMessage('use of grants' satisfies DynamoDBThreadMessage);
      const [use] = await once(worker, 'message');
      return use;
    },
    throttleWrites(throttledTo, shapes) {
      worker.postMessage({ throttledTo, shapes } satisfies DynamoDBThreadMessage);
    },
    async storeUse() {
      worker.postMessage('use of the store' satisfies DynamoDBThreadMessage);
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

async function isReady(worker: Worker, folder: string | undefined): Promise<DynamoDBThreadReady> {
  try {
    const [ready] = await once(worker, 'message'); // rejects where the thread throws
    return ready;
  } catch (cause) {
    throw new Error(`DynamoDB's emulator cannot open ${folder}: another host may use it.`, { cause });
  }
}
