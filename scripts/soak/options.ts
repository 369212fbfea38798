import { parsed, WrongUse } from '../command/command.ts';

export type SoakOptions = {
  imports: number;
  /** Requests at a time, each on a connection of its own that is kept. */
  connections: number;
  /** The whole soak is over by then, well or not. */
  minutes: number;
  /** Mean time between two kills of the workers; 0: none. */
  killEverySeconds: number;
};

/** Reads a command's arguments: `--imports 20000 --connections 50 --minutes 10 --kill-every 2s`. @throws WrongUse */
export function readOptions(args: readonly string[]): SoakOptions {
  const given = read(args);
  return {
    imports: number('imports', given.imports, 1, 1_000_000),
    connections: number('connections', given.connections, 1, 500),
    minutes: number('minutes', given.minutes, 1, 240),
    killEverySeconds: number('kill-every', given['kill-every'].replace(/s$/, ''), 0, 3600),
  };
}

const read = (args: readonly string[]) =>
  parsed({
    args: [...args],
    options: {
      imports: { type: 'string', default: '20000' },
      connections: { type: 'string', default: '50' },
      minutes: { type: 'string', default: '10' },
      'kill-every': { type: 'string', default: '2s' },
    },
  }).values;

function number(name: string, text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new WrongUse(`--${name} must be a whole number from ${min} to ${max}, not ${JSON.stringify(text)}.`);
}
