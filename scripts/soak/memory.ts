import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** In MiB: all of the process, threads and emulators included, and the main thread's heap. */
export type Memory = { rss: number; heap: number };

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What the process holds once the main thread's garbage is gone. */
export function memory(): Memory {
  collect();
  const { rss, heapUsed } = process.memoryUsage();
  return { rss: mebibytes(rss), heap: mebibytes(heapUsed) };
}

const mebibytes = (bytes: number): number => Math.round(bytes / 1024 / 1024);
