import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { AccessKeys } from '../access/credentials.ts';
import type { PlainResource } from '../iam/iam.ts';
import type { GrantUse } from '../iam/permissions.ts';
import type { TableShape } from '../write-units.ts';
import type { IndexRepair } from './index-repair.ts';
import type { StoreUnits, StoreUse } from './write-throttle.ts';

/** A running emulator. */
export type Emulator = { endpoint: string; stop(): Promise<void> };

/** The thread's worker data, and the messages to it. */
export type DynamoDBThreadData = { folder: string | undefined; keys: AccessKeys };
export type DynamoDBThreadMessage =
  | 'stop'
  | 'use of grants'
  | 'use of the store'
  | { guardedBy: PlainResource[] }
  | { throttledTo: StoreUnits; shapes: ReadonlyMap<string, TableShape> };
/** The thread's first message. */
export type DynamoDBThreadReady = { endpoint: string; indexRepair: IndexRepair | undefined };

export type DynamoDB = Emulator & {
  /** Enforces the template's IAM policies from now on. */
  enforcePolicies(resources: PlainResource[]): void;
  /** Returns the use of the grants so far; undefined before {@link enforcePolicies}. */
  useOfGrants(): Promise<GrantUse | undefined>;
  /** Throttles writes from now on. `shapes`: by table name. */
  throttleWrites(units: StoreUnits, shapes: ReadonlyMap<string, TableShape>): void;
  /** Returns the consumption since then; undefined without throttling. */
  storeUse(): Promise<StoreUse | undefined>;
};

/** How long a stop waits for pending writes. Even a kill loses no write that was confirmed. */
const STOP_TIMEOUT_MS = 1_000;

/**
 * Starts DynamoDB's emulator, dynalite, on 127.0.0.1 at a free port. Requests must be signed with one of the keys.
 *
 * @param folder of the database; undefined: in memory
 * @param report receives a line when indexes were rebuilt, because the previous run was killed
 * @throws Error if another host has the folder open
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
      const timer = setTimeout(() => worker.terminate(), STOP_TIMEOUT_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

async function isReady(worker: Worker, folder: string | undefined): Promise<DynamoDBThreadReady> {
  try {
    const [ready] = await once(worker, 'message'); // rejects if the thread throws
    return ready;
  } catch (cause) {
    throw new Error(`DynamoDB's emulator cannot open ${folder}: another host may use it.`, { cause });
  }
}
