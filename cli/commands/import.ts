import { isDictionary } from '../../shared/contract/python-values.ts';
import { type DropRow, requestOf } from '../../shared/drops/formats/row.ts';
import { mapConcurrently } from '../../shared/map-concurrently.ts';
import {
  CliError,
  type Command,
  EXIT,
  type Invocation,
  SERVICE_OPTIONS,
  type Values,
  wholeNumber,
} from '../command.ts';
import { environmentNamed } from '../environments.ts';
import { INPUT_OPTIONS, type Input, openInput } from '../input.ts';
import { openResults, type Results, type RowResult } from '../results.ts';
import { refused, type Service, service } from '../service.ts';
import type { Terminal } from '../terminal.ts';

/** `supply-points import`: sends the rows of a file to the create endpoint. */
export const importFile: Command = {
  name: 'import',
  argument: { name: 'FILE', min: 1, max: 1 },
  summary:
    'Imports a file by the create endpoint, one request a row. A run that was stopped goes on where it was.',
  description: `Each row's outcome is appended to FILE.results.ndjson, the state from which the next run goes on. Rows that were not sent, or whose response was lost,
are sent again, which creates nothing twice. Exit code 3 if rows were rejected.`,
  options: {
    ...INPUT_OPTIONS,
    ...SERVICE_OPTIONS,
    'dry-run': { type: 'boolean', description: 'does everything but create the supply points' },
    'window-start': {
      type: 'string',
      value: 'TIME',
      description: 'when imports may start, such as 2027-01-31T18:00:00+11:00',
    },
    'window-end': { type: 'string', value: 'TIME', description: 'until when they may start' },
    concurrency: { type: 'string', value: 'N', description: 'requests at a time, 1 to 100 (10)' },
    results: { type: 'string', value: 'PATH', description: 'the file of results (FILE.results.ndjson)' },
  },
  run,
};

async function run({ values, positionals: [name = ''], terminal }: Invocation): Promise<number> {
  const api = service(environmentNamed(values['env'] as string | undefined));
  const concurrency = wholeNumber(values, 'concurrency', 10, 1, 100);
  const input = openInput(name, values);
  if (input.bytes === undefined && values['results'] === undefined)
    throw new CliError(
      'Standard input needs --results, the file from which a stopped run goes on. Nothing was done.',
      {
        exitCode: EXIT.wrongUse,
      },
    );
  const path = (values['results'] as string | undefined) ?? `${name}.results.ndjson`;
  const identity = { file: name, bytes: input.bytes, host: api.host, dry_run: values['dry-run'] === true };
  const results = await openResults(path, identity);
  const stop = stopOnSignal();
  try {
    await sendRows({ api, input, results, terminal, concurrency, parameters: taskParameters(values), stop });
  } catch (error) {
    if (error instanceof CliError && error.next === undefined)
      throw new CliError(`${error.message} ${describe(results)}; the others were not sent.`, {
        exitCode: error.exitCode,
        next: `supply-points import ${name}`,
      });
    throw error;
  } finally {
    results.close();
  }
  const { counts } = results;
  if (stop.isStopped) {
    terminal.note(`Stopped. ${describe(results)}.\nnext: supply-points import ${name}`);
    return EXIT.interrupted;
  }
  terminal.data({ ...counts, results: path }, `${describe(results)}\nnext: supply-points watch ${name}`);
  return counts.rejected === 0 ? EXIT.ok : EXIT.rowsFailed;
}

const describe = ({ counts, path }: Results): string =>
  `${counts.scheduled} scheduled, ${counts.in_progress} in progress, ${counts.already_imported} imported before, ${counts.rejected} rejected, as ${path} has it`;

function taskParameters(values: Values): Record<string, unknown> {
  return {
    ...(values['dry-run'] === true && { is_dry_run: true }),
    ...(values['window-start'] !== undefined && { schedule_window_start: values['window-start'] }),
    ...(values['window-end'] !== undefined && { schedule_window_end: values['window-end'] }),
  };
}

type Sending = {
  api: Service;
  input: Input;
  results: Results;
  terminal: Terminal;
  concurrency: number;
  parameters: Record<string, unknown>;
  stop: { isStopped: boolean };
};

async function sendRows(sending: Sending): Promise<void> {
  const { api, input, results, terminal, concurrency, stop } = sending;
  const started = performance.now();
  let read = 0;
  let sent = 0;
  const batches = input.batches((bytes) => {
    read += bytes;
  });
  for await (const { rows } of batches) {
    const left = rows.filter(({ line }) => !results.has(line));
    await mapConcurrently(left, concurrency, async (row) => {
      if (stop.isStopped) return;
      results.add(await send(api, row, sending.parameters));
      sent += 1;
      const rate = sent / ((performance.now() - started) / 1000);
      const share = input.bytes === undefined ? '' : `${Math.round((100 * read) / input.bytes)} % read, `;
      terminal.progress(
        `${share}${sent} sent, ${rate.toFixed(0)} a second, ${results.counts.rejected} rejected`,
      );
    });
    if (stop.isStopped) return;
  }
}

async function send(api: Service, row: DropRow, parameters: Record<string, unknown>): Promise<RowResult> {
  if ('errors' in row)
    return { line: row.line, ...keyOf(undefined), result: 'rejected', status: 400, errors: row.errors };
  const request = withParameters(requestOf(row.body), parameters);
  const reply = await api.call('create', { body: JSON.stringify(request) });
  const key = keyOf(request);
  if (reply.status === 201) return { line: row.line, ...key, result: 'scheduled', status: 201 };
  if (reply.status !== 400 && reply.status !== 413) throw refused(reply, api.host);
  const result = RESULTS[codeOf(reply.body) ?? ''] ?? 'rejected';
  return { line: row.line, ...key, result, status: reply.status, errors: reply.body };
}

/** The options of the command replace those of the row. */
function withParameters(request: unknown, parameters: Record<string, unknown>): unknown {
  if (!isDictionary(request) || Object.keys(parameters).length === 0) return request;
  const own = isDictionary(request['task_params']) ? request['task_params'] : {};
  return { ...request, task_params: { ...own, ...parameters } };
}

function keyOf(request: unknown): { identifier: string | null; supplier: string | null } {
  const payload = isDictionary(request) && isDictionary(request['payload']) ? request['payload'] : {};
  const point = isDictionary(payload['supply_point']) ? payload['supply_point'] : {};
  return { identifier: textOf(point['identifier']), supplier: textOf(payload['import_supplier']) };
}
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** The results of rows that an earlier request submitted, by the codes of their errors. */
const RESULTS: Readonly<Record<string, RowResult['result']>> = {
  supply_point_import_process_already_imported: 'already_imported',
  supply_point_import_process_in_progress: 'in_progress',
};

const codeOf = (body: { non_field_errors?: { code?: unknown } } | undefined): string | undefined => {
  const code = body?.non_field_errors?.code;
  return typeof code === 'string' ? code : undefined;
};

/** Stops sending at Ctrl-C. Responses that are awaited are still recorded. */
function stopOnSignal(): { isStopped: boolean } {
  const state = { isStopped: false };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      state.isStopped = true;
    });
  return state;
}
