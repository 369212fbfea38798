import { readArguments, wholeNumber } from '../command/command.ts';

export type SoakOptions = {
  imports: number;
  /** Requests at a time, each on a connection of its own that is kept. */
  connections: number;
  /** The whole soak is over by then, well or not. */
  minutes: number;
  /** Mean time between two kills of the workers; 0: none. */
  killEverySeconds: number;
};

export const USAGE = `npm run soak [-- options]

Imports many supply points into a local host of its own while the worker's threads are killed at random, and counts the tables
afterwards. Exit code 1 unless every accepted import created its supply point once, in time, and memory did not grow.

  --imports N       how many (20000)
  --connections N   requests at a time, each on its own connection (50)
  --minutes N       the most that the whole soak takes (10)
  --kill-every S    mean seconds between two kills, such as 2s; 0: none (2s)
  --help            prints this`;

/** Reads a command's arguments. @throws WrongArguments */
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
