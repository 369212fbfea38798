import { ErrorGroups } from '../../shared/drops/reporting/error-groups.ts';
import { type Command, EXIT, type Invocation, UsageError } from '../command.ts';
import { INPUT_OPTIONS, type Input, openInput } from '../input.ts';
import type { Terminal } from '../terminal.ts';
import { describeGroup } from '../validation/describe-group.ts';
import { estimates } from '../validation/estimate.ts';
import { type FailedFile, failedFile } from '../validation/failed-file.ts';
import { rowValidator } from '../validation/row-validator.ts';

/** Most frequent errors that are listed. */
const LISTED_MAX = 50;

/** `supply-points validate`: checks files by the contract, without a service. */
export const validate: Command = {
  name: 'validate',
  argument: { name: 'FILE…', min: 1, max: Number.POSITIVE_INFINITY },
  summary: 'Validates files of supply points on this machine, by all rules of the service. Nothing is sent.',
  description: `FILE is NDJSON, JSON or CSV, also compressed with gzip; - is standard input. Errors are grouped by field and rule, the most frequent first.
Exit code 3 if rows are invalid.`,
  options: {
    ...INPUT_OPTIONS,
    supplier: {
      type: 'string',
      multiple: true,
      value: 'CODE',
      description: 'an import supplier that may be used; may be repeated (default: any)',
    },
    'time-zone': {
      type: 'string',
      value: 'ZONE',
      description: 'of times without an offset (Australia/Sydney)',
    },
    out: {
      type: 'string',
      value: 'FILE',
      description: 'a new file for the failed rows as they were sent; CSV gets a column import_errors',
    },
    estimate: { type: 'boolean', description: 'how long the import of the valid rows takes, and its cost' },
  },
  run,
};

type Total = { rows: number; valid: number; invalid: number; other_errors: number };

async function run({ values, positionals, terminal }: Invocation): Promise<number> {
  const inputs = positionals.map((name) => openInput(name, values));
  const out = values['out'] as string | undefined;
  if (out !== undefined && inputs.length > 1) throw new UsageError('--out takes the rows of one FILE.');
  const suppliers = values['supplier'] as string[] | undefined;
  const timeZone = (values['time-zone'] as string | undefined) ?? 'Australia/Sydney';
  const total: Total = { rows: 0, valid: 0, invalid: 0, other_errors: 0 };
  const groups = new ErrorGroups();
  const failed = out === undefined ? undefined : failedFile(out, inputs[0]!);
  let written: number | undefined;
  const started = performance.now();
  try {
    const validating = {
      isValid: rowValidator(suppliers, timeZone),
      suppliers: suppliers ?? [],
      total,
      groups,
    };
    for (const input of inputs) await validateFile(input, { ...validating, failed, terminal });
    if (total.invalid > 0) written = await failed?.write();
  } finally {
    failed?.close({ isKept: written !== undefined });
  }
  const seconds = (performance.now() - started) / 1000;
  total.other_errors = groups.notGrouped;
  const listed = groups.sorted(LISTED_MAX);
  for (const group of listed) terminal.data(group, describeGroup(group));
  const notListed = groups.size - listed.length;
  if (notListed > 0) terminal.note(`${notListed} further kinds of errors are not listed.`);
  terminal.data(
    { ...total, seconds: Number(seconds.toFixed(3)), ...(written !== undefined && { out, written }) },
    `${total.rows} rows: ${total.valid} valid, ${total.invalid} invalid, in ${seconds.toFixed(1)} s`,
  );
  if (values['estimate'] === true)
    terminal.table(estimates(total.valid), ['by', 'rows', 'takes', 'costs', 'source']);
  if (written !== undefined) terminal.note(`${out} has ${written} failed rows.`);
  return total.invalid === 0 ? EXIT.ok : EXIT.rowsFailed;
}

type Validating = {
  isValid: ReturnType<typeof rowValidator>;
  suppliers: readonly string[];
  total: Total;
  groups: ErrorGroups;
  failed: FailedFile | undefined;
  terminal: Terminal;
};

async function validateFile(
  input: Input,
  { isValid, suppliers, total, groups, failed, terminal }: Validating,
): Promise<void> {
  let read = 0;
  const batches = input.batches((bytes) => {
    read += bytes;
  });
  for await (const { rows } of batches) {
    const now = Date.now();
    for (const row of rows) {
      const errors = isValid(row, now);
      if (errors === undefined) continue;
      total.invalid += 1;
      groups.add(row, errors, { file: input.name, suppliers });
      failed?.add(row.offset, errors);
    }
    total.rows += rows.length;
    total.valid = total.rows - total.invalid;
    const share = input.bytes === undefined ? '' : `${Math.round((100 * read) / input.bytes)} %, `;
    terminal.progress(`${input.name}: ${share}${total.rows} rows`);
  }
}
