import type { RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import dynalite from 'dynalite';

/** dynalite's database, as far as it is used here: one LevelDB whose keys begin with the name of what they belong to. */
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
 * dynalite without its network: it never listens. `handle` takes requests as a listener of Node's HTTP server does, and throws out of
 * any context for a body that breaks off, so that it must be given whole ones.
 *
 * dynalite hides its database, which has to be closed although no server does; so it is taken where dynalite creates it.
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

/** Waits for what is being written, and closes the database. */
export async function closeDynalite({ lifecycleManager }: DynaliteStore): Promise<void> {
  await new Promise<void>((done) => lifecycleManager.gracefulClose(() => done()));
}
