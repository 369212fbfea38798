import {
  CliError,
  type Command,
  EXIT,
  type Options,
  UsageError,
  type Values,
  wholeNumber,
} from '../command.ts';
import { type DropOptions, formatOf, makeDrop } from './make-drop.ts';

const IDENTIFIER_MIN = 1_000_000_000;
const IDENTIFIER_MAX = 9_999_999_999;

const OPTIONS: Options = {
  out: {
    type: 'string',
    value: 'FILE',
    description: 'ends in .ndjson, .jsonl, .json or .csv, or in one of these and .gz',
  },
  rows: { type: 'string', value: 'N', description: 'the number of rows (1000)' },
  invalid: {
    type: 'string',
    value: 'SHARE',
    description: 'the exact share of invalid rows, such as 2% or 0.02 (0%)',
  },
  seed: {
    type: 'string',
    value: 'N',
    description: 'the seed of the random contents and of the choice of invalid rows (1)',
  },
  first: {
    type: 'string',
    value: 'ID',
    description: 'the first row’s supply point identifier; the others follow it (4001000000)',
  },
  supplier: { type: 'string', value: 'CODE', description: 'the import supplier (TEST_SUPPLIER)' },
};

/** `supply-points dev make-drop` */
export const devMakeDrop: Command = {
  name: 'dev make-drop',
  summary: 'Makes a file of supply points with invented people, to rehearse with.',
  description:
    'Also makes FILE.expected.json, with the number of valid rows and the lines of the invalid ones. The same options make the same file.',
  options: OPTIONS,
  async run({ values, terminal }) {
    const options = dropOptions(values);
    const expected = await makeDrop(options).catch((error: Error) => {
      throw 'syscall' in error ? new CliError(`${options.out} cannot be written: ${error.message}.`) : error;
    });
    const { invalidLines: _, ...counts } = expected;
    const { rows, valid, invalid } = counts;
    terminal.data(counts, `${rows} rows: ${valid} valid, ${invalid} invalid.`);
    return EXIT.ok;
  },
};

/** @throws UsageError */
export function dropOptions(values: Values): DropOptions {
  const options = {
    rows: wholeNumber(values, 'rows', 1000, 0, 1_000_000_000),
    invalid: share(String(values['invalid'] ?? '0%')),
    seed: wholeNumber(values, 'seed', 1, 0, 2 ** 32 - 1),
    first: wholeNumber(values, 'first', 4_001_000_000, IDENTIFIER_MIN, IDENTIFIER_MAX),
    supplier: String(values['supplier'] ?? 'TEST_SUPPLIER'),
    out: String(values['out'] ?? ''),
  };
  if (formatOf(options.out) === undefined)
    throw new UsageError(
      '--out must name a file that ends in .ndjson, .jsonl, .json or .csv, or in one of these and .gz.',
    );
  if (options.first + options.rows - 1 > IDENTIFIER_MAX)
    throw new UsageError(
      `There are fewer than ${options.rows} identifiers of ten digits from --first ${options.first} on.`,
    );
  return options;
}

function share(text: string): number {
  const [, number, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  const value = Number(number) / (percent === '%' ? 100 : 1);
  if (value >= 0 && value <= 1) return value;
  throw new UsageError(`--invalid must be a share such as 2% or 0.02, not ${JSON.stringify(text)}.`);
}
