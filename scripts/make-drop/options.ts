import { readArguments, WrongArguments, wholeNumber } from '../command/command.ts';
import { FORMATS } from './formats.ts';

/** What file to make. */
export type DropOptions = {
  rows: number;
  /** The share of rows that are invalid, from 0 to 1. */
  invalid: number;
  seed: number;
  /** The first row's identifier; the others follow it. */
  first: number;
  supplier: string;
  /** A path whose ending says the format: .ndjson, .jsonl, .json, .csv, each also with .gz. */
  out: string;
};

export const USAGE = `npm run make-drop -- --out FILE [options]

Makes a file of supply points with invented people, to be dropped, and beside it FILE.expected.json, which says how many rows
are valid and which lines are invalid. The same options make the same file.

  --out FILE        ends in .ndjson, .jsonl, .json or .csv, or in one of these and .gz
  --rows N          how many rows (1000)
  --invalid SHARE   the share of invalid rows, as 2% or 0.02: exactly so many are invalid (0%)
  --seed N          which rows are invalid, and what is in all of them (1)
  --first ID        the first row's supply point identifier; the others follow it (4001000000)
  --supplier CODE   the import supplier (TEST_SUPPLIER)
  --help            prints this`;

const IDENTIFIER_MAX = 9_999_999_999;

/** Reads a command's arguments. @throws WrongArguments */
export function readOptions(args: readonly string[]): DropOptions {
  const { rows, invalid, seed, first, supplier, out } = read(args);
  const options = {
    rows: wholeNumber('--rows', rows, 0, 1_000_000_000),
    invalid: share(invalid),
    seed: wholeNumber('--seed', seed, 0, 2 ** 32 - 1),
    first: wholeNumber('--first', first, 1_000_000_000, IDENTIFIER_MAX),
    supplier,
    out: out ?? '',
  };
  if (formatOf(options.out) === undefined) {
    throw new WrongArguments(
      '--out must name a file that ends in .ndjson, .jsonl, .json or .csv, or in one of these and .gz.',
    );
  }
  if (options.first + options.rows - 1 > IDENTIFIER_MAX) {
    throw new WrongArguments(`From --first ${first} on there are no ${rows} identifiers of ten digits.`);
  }
  return options;
}

/** The format that a path's ending says, and whether it is to be compressed. */
export function formatOf(path: string) {
  const [, ending = '', gz] = /\.([a-z]+)(\.gz)?$/.exec(path) ?? [];
  const format = Object.hasOwn(FORMATS, ending) ? FORMATS[ending] : undefined;
  return format === undefined ? undefined : { format, isGzip: gz !== undefined };
}

const read = (args: readonly string[]) =>
  readArguments(args, {
    options: {
      rows: { type: 'string', default: '1000' },
      invalid: { type: 'string', default: '0%' },
      seed: { type: 'string', default: '1' },
      first: { type: 'string', default: '4001000000' },
      supplier: { type: 'string', default: 'TEST_SUPPLIER' },
      out: { type: 'string' },
    },
  }).values;

function share(text: string): number {
  const [, number, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  const value = Number(number) / (percent === '%' ? 100 : 1);
  if (value >= 0 && value <= 1) return value;
  throw new WrongArguments(`--invalid must be a share such as 2% or 0.02, not ${JSON.stringify(text)}.`);
}
