import type { RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import dynalite from 'dynalite';

/** The parts of dynalite's database that are used here: one LevelDB, whose keys are prefixed by kind, table and index. */
export type DynaliteStore = {
  db: {
    iterator(range: object): AsyncIterable<[key: string, value: unknown]>;
    getMany(keys: string[]): Promise<unknown[]>;
    batch(operations: object[]): Promise<void>;
    open(): Promise<void>;
  };
  lifecycleManager: { gracefulClose(done: (error?: Error) => void): void };
};
type DynaliteDatabase = { create(options: object): DynaliteStore };

/**
 * Creates dynalite without a listening server. `handle` is a request listener for Node's HTTP server. It needs complete bodies: for an
 * aborted one dynalite throws an uncaught exception.
 *
 * dynalite does not expose its database, which has to be closed separately, so its `create` function is replaced during the call.
 *
 * @param folder of the database; undefined: in memory
 */
export function openDynalite(folder: string | undefined): { handle: RequestListener; store: DynaliteStore } {
  const database: DynaliteDatabase = createRequire(import.meta.url)('dynalite/db');
  const { create } = database;
  let store: DynaliteStore | undefined;
  database.create = (options) => {
    store = create(options);
    return store;
  };
  const emulator = dynalite({
    createTableMs: 0,
    deleteTableMs: 0,
    ...(folder === undefined ? {} : { path: folder }),
  });
  database.create = create;
  return { handle: emulator.listeners('request')[0] as RequestListener, store: store! };
}

/** Waits for pending writes, and closes the database. */
export async function closeDynalite({ lifecycleManager }: DynaliteStore): Promise<void> {
  await new Promise<void>((done) => lifecycleManager.gracefulClose(() => done()));
}
