import { readArguments, wholeNumber } from '../command/command.ts';

export type SoakOptions = {
  imports: number;
  /** Concurrent requests, each on its own kept connection. */
  connections: number;
  /** The longest that the soak takes. */
  minutes: number;
  /** Mean time between two kills of the workers; 0: no kills. */
  killEverySeconds: number;
};

export const USAGE = `npm run soak [-- options]

Starts a local host, imports many supply points while the worker's threads are killed at random, and counts the tables.
Exits with 1 unless every accepted import created its supply point once, in time, and memory did not grow.

  --imports N       the number of imports (20000)
  --connections N   concurrent requests, each on its own connection (50)
  --minutes N       the longest that the soak takes (10)
  --kill-every S    mean seconds between two kills, such as 2s; 0: no kills (2s)
  --help            prints this`;

/** Reads a command's arguments. @throws ArgumentError */
export function readOptions(args: readonly string[]): SoakOptions {
  const given = read(args);
  return {
    imports: wholeNumber('--imports', given.imports, 1, 1_000_000),
    connections: wholeNumber('--connections', given.connections, 1, 500),
    minutes: wholeNumber('--minutes', given.minutes, 1, 240),
    killEverySeconds: wholeNumber('--kill-every', given['kill-every'].replace(/s$/, ''), 0, 3600),
  };
}

const read = (args: readonly string[]) =>
  readArguments(args, {
    options: {
      imports: { type: 'string', default: '20000' },
      connections: { type: 'string', default: '50' },
      minutes: { type: 'string', default: '10' },
      'kill-every': { type: 'string', default: '2s' },
    },
  }).values;
