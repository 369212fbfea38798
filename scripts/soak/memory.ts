import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** In MiB: what the whole process holds, threads and emulators included; and the main thread's heap. */
export type Memory = { held: number; heap: number };

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What the process holds once the main thread's garbage is gone. */
export function memory(): Memory {
  collect();
  const { rss, heapUsed } = process.memoryUsage();
  return { held: mebibytes(anonymousBytes() ?? rss), heap: mebibytes(heapUsed) };
}

/** Without the files that the database maps, which are the kernel's to keep or to drop; undefined where no Linux tells. */
function anonymousBytes(): number | undefined {
  try {
    const [, kibibytes] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}

const mebibytes = (bytes: number): number => Math.round(bytes / 1024 / 1024);
