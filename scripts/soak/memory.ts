import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** In MiB: the memory of the whole process, with its threads and emulators; and the main thread's heap. */
export type Memory = { held: number; heap: number };

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Measures the process's memory after a garbage collection of the main thread. */
export function memory(): Memory {
  collect();
  const { rss, heapUsed } = process.memoryUsage();
  return { held: mebibytes(anonymousBytes() ?? rss), heap: mebibytes(heapUsed) };
}

/** Anonymous memory, without the database's mapped files, which the kernel may drop. Undefined on other systems than Linux. */
function anonymousBytes(): number | undefined {
  try {
    const [, kibibytes] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}

const mebibytes = (bytes: number): number => Math.round(bytes / 1024 / 1024);
