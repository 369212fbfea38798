import type { ErrorBody } from '../../shared/contract/error-body.ts';
import { isDictionary } from '../../shared/contract/python-values.ts';
import { validateCreateRequest } from '../../shared/contract/request.ts';
import { suggestCodes } from '../../shared/contract/suggest-codes.ts';
import { type DropRow, requestOf } from '../../shared/drops/formats/row.ts';
import { errorKinds } from '../../shared/drops/reporting/error-kinds.ts';
import { type Command, EXIT, type Invocation } from '../command.ts';
import { INPUT_OPTIONS, type Input, openInput } from '../input.ts';
import { printable } from '../terminal.ts';

/** Most frequent errors that are listed, and lines of each. */
const LISTED_MAX = 50;
const LINES_MAX = 5;
/** Distinct errors that are counted. A file of wrong codes could have as many as rows. */
const KINDS_MAX = 10_000;

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
  },
  run,
};

type Found = { error: string; rows: number; lines: number[]; file: string; suggestions: string[] };

async function run({ values, positionals, terminal }: Invocation): Promise<number> {
  const inputs = positionals.map((name) => openInput(name, values));
  const suppliers = values['supplier'] as string[] | undefined;
  const validateRow = rowValidator(
    suppliers,
    (values['time-zone'] as string | undefined) ?? 'Australia/Sydney',
  );
  const total = { rows: 0, valid: 0, invalid: 0, other_errors: 0 };
  const found = new Map<string, Found>();
  const started = performance.now();
  for (const input of inputs) {
    for await (const row of rowsOf(input, (share) =>
      terminal.progress(progressText(input, share, total.rows)),
    )) {
      total.rows += 1;
      const errors = validateRow(row);
      if (errors === undefined) total.valid += 1;
      else {
        total.invalid += 1;
        count(found, total, { row, errors, file: input.name, suppliers: suppliers ?? [] });
      }
    }
  }
  const seconds = (performance.now() - started) / 1000;
  const listed = [...found.values()].sort((one, other) => other.rows - one.rows).slice(0, LISTED_MAX);
  if (terminal.isJson) for (const kind of listed) terminal.data(kind, '');
  else if (listed.length > 0) terminal.text(listed.map(describe).join('\n'));
  const notListed = found.size - listed.length;
  if (notListed > 0) terminal.note(`${notListed} further kinds of errors are not listed.`);
  terminal.data(
    { ...total, seconds: Number(seconds.toFixed(3)) },
    `${total.rows} rows: ${total.valid} valid, ${total.invalid} invalid, in ${seconds.toFixed(1)} s`,
  );
  return total.invalid === 0 ? EXIT.ok : EXIT.rowsFailed;
}

/** Returns a function that returns a row's errors, or undefined if it is valid. Without suppliers every code may be used. */
function rowValidator(suppliers: readonly string[] | undefined, timeZone: string) {
  const given = suppliers && new Map(suppliers.map((code) => [code, 'open' as const]));
  const bySupplier = new Map<string, ReadonlyMap<string, 'open'>>();
  const any = (request: unknown): ReadonlyMap<string, 'open'> => {
    const payload = isDictionary(request) ? request['payload'] : undefined;
    const code = isDictionary(payload) ? payload['import_supplier'] : undefined;
    if (typeof code !== 'string' || code === '') return NO_SUPPLIERS;
    const known = bySupplier.get(code) ?? new Map([[code, 'open' as const]]);
    bySupplier.set(code, known);
    return known;
  };
  return (row: DropRow): ErrorBody | undefined => {
    if ('errors' in row) return row.errors;
    const request = requestOf(row.body);
    const validated = validateCreateRequest(request, given ?? any(request), Date.now(), timeZone);
    return validated.valid ? undefined : validated.errors;
  };
}
const NO_SUPPLIERS: ReadonlyMap<string, 'open'> = new Map();

/** The rows of a file. `onShare` is called with the share of the file that was read, from 0 to 1. */
async function* rowsOf(input: Input, onShare: (share: number | undefined) => void): AsyncGenerator<DropRow> {
  let read = 0;
  const batches = input.batches((bytes) => {
    read += bytes;
  });
  for await (const { rows } of batches) {
    yield* rows;
    onShare(input.bytes === undefined ? undefined : read / input.bytes);
  }
}

function count(
  found: Map<string, Found>,
  total: { other_errors: number },
  {
    row,
    errors,
    file,
    suppliers,
  }: { row: DropRow; errors: ErrorBody; file: string; suppliers: readonly string[] },
): void {
  const body = 'body' in row ? requestOf(row.body) : undefined;
  for (const { error, suggestions = [] } of errorKinds(errors, suggestCodes(body, errors, suppliers))) {
    const known = found.get(error);
    if (known !== undefined) {
      known.rows += 1;
      if (known.lines.length < LINES_MAX) known.lines.push(row.line);
    } else if (found.size < KINDS_MAX) {
      const near = suggestions.map(({ code, name }) => (code === name ? code : `${code} (${name})`));
      found.set(error, { error, rows: 1, lines: [row.line], file, suggestions: near });
    } else {
      total.other_errors += 1;
    }
  }
}

function describe({ error, rows, lines, file, suggestions }: Found): string {
  const meant = suggestions.length === 0 ? '' : `\n         did you mean ${suggestions.join(' or ')}?`;
  const where = `${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}${rows > lines.length ? ', …' : ''} of ${file}`;
  return `${String(rows).padStart(7)}  ${printable(error)}${meant}\n         ${where}`;
}

const progressText = ({ name }: Input, share: number | undefined, rows: number): string =>
  `${name}: ${share === undefined ? '' : `${Math.round(100 * share)} %, `}${rows} rows`;
