import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { TestProject } from 'vitest/node';

/** Where the emulators are, and the properties of the template's tables by their ids. */
export type SharedEmulators = {
  dynamodb: string;
  sqs: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  tables: Record<string, Record<string, unknown>>;
};

declare module 'vitest' {
  export interface ProvidedContext {
    /** For tables.ts. */
    emulators: SharedEmulators;
  }
}

/**
 * Starts the emulators once for all test files, without functions: starting them for each file would take longer than most of its tests.
 * Each file creates its own tables and queues in them (tables.ts). They run in a thread, because the module runner of Vitest's global
 * setup has no `import.meta.resolve`. Returns a function that stops them.
 */
export async function shareEmulators(
  { provide }: Pick<TestProject, 'provide'>,
  assembly: string,
): Promise<() => Promise<void>> {
  const worker = new Worker(new URL('./emulators-thread.ts', import.meta.url), { workerData: assembly });
  const exited = new Promise<void>((done) => worker.once('exit', () => done()));
  const [shared] = (await once(worker, 'message')) as [SharedEmulators]; // rejects if the thread throws
  provide('emulators', shared);
  return async () => {
    worker.postMessage('stop');
    await exited;
  };
}
