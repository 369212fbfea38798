import { ArgumentError, readArguments, wholeNumber } from '../command/command.ts';
import { FORMATS } from './formats.ts';

/** The options of the file to make. */
export type DropOptions = {
  rows: number;
  /** The share of rows that are invalid, from 0 to 1. */
  invalid: number;
  seed: number;
  /** The first row's identifier. The others follow it. */
  first: number;
  supplier: string;
  /** A path with the format's ending: .ndjson, .jsonl, .json or .csv, each also with .gz. */
  out: string;
};

export const USAGE = `npm run make-drop -- --out FILE [options]

Makes a drop file of supply points with invented people, and FILE.expected.json with the number of valid rows and the lines of
the invalid ones. The same options make the same file.

  --out FILE        ends in .ndjson, .jsonl, .json or .csv, or in one of these and .gz
  --rows N          the number of rows (1000)
  --invalid SHARE   the exact share of invalid rows, such as 2% or 0.02 (0%)
  --seed N          the seed of the random contents and of the choice of invalid rows (1)
  --first ID        the first row's supply point identifier; the others follow it (4001000000)
  --supplier CODE   the import supplier (TEST_SUPPLIER)
  --help            prints this`;

const IDENTIFIER_MAX = 9_999_999_999;

/** Reads a command's arguments. @throws ArgumentError */
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
    throw new ArgumentError(
      '--out must name a file that ends in .ndjson, .jsonl, .json or .csv, or in one of these and .gz.',
    );
  }
  if (options.first + options.rows - 1 > IDENTIFIER_MAX) {
    throw new ArgumentError(
      `There are fewer than ${rows} identifiers of ten digits from --first ${first} on.`,
    );
  }
  return options;
}

/** The format of a path's ending, and whether the file is compressed; undefined for an unknown ending. */
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
  throw new ArgumentError(`--invalid must be a share such as 2% or 0.02, not ${JSON.stringify(text)}.`);
}
