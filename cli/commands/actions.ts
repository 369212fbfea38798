import { createInterface } from 'node:readline/promises';
import type { ImportStatus } from '../../shared/imports/model/import-process.ts';
import { mapConcurrently } from '../../shared/map-concurrently.ts';
import {
  CliError,
  type Command,
  EXIT,
  type Invocation,
  type Options,
  SERVICE_OPTIONS,
  SUPPLIER_OPTION,
  UsageError,
} from '../command.ts';
import { refused, type Service } from '../service.ts';
import { supplierService } from '../supplier.ts';
import { listed } from './imports.ts';

type Action = {
  name: 'cancel' | 'retry';
  done: string;
  /** The statuses that the action is possible in. */
  statuses: readonly ImportStatus[];
};

const OPTIONS: Options = {
  ...SERVICE_OPTIONS,
  ...SUPPLIER_OPTION,
  all: { type: 'boolean', description: 'every import that it is possible for, instead of ID…' },
  code: { type: 'string', value: 'CODE', description: 'with --all: only imports whose error has this code' },
  yes: { type: 'boolean', short: 'y', description: 'do not ask' },
};
const CONCURRENCY = 10;

const action = (each: Action, summary: string): Command => ({
  name: each.name,
  argument: { name: 'ID…', min: 0, max: Number.POSITIVE_INFINITY },
  summary,
  description:
    'With --all the number of imports is shown first, and confirmed. Exit code 3 if it was not possible for some.',
  options: OPTIONS,
  run: (invocation) => act(each, invocation),
});

/** `supply-points cancel` */
export const cancel = action(
  { name: 'cancel', done: 'cancelled', statuses: ['PENDING'] },
  'Cancels imports that are PENDING (operators only).',
);
/** `supply-points retry` */
export const retry = action(
  { name: 'retry', done: 'retried', statuses: ['ERRORED', 'DRY_RUN_ERRORED'] },
  'Starts another attempt of imports that errored (operators only).',
);

async function act(each: Action, { values, positionals, terminal }: Invocation): Promise<number> {
  const isAll = values['all'] === true;
  if (isAll === positionals.length > 0) throw new UsageError(`${each.name} needs either ID… or --all.`);
  const { api, supplier } = await supplierService(values);
  const identifiers = isAll
    ? await possible(api, supplier, each, values['code'] as string | undefined)
    : positionals;
  if (
    isAll &&
    !(await confirmed(
      `${identifiers.length} imports of ${supplier} will be ${each.done}.`,
      values['yes'] === true,
    ))
  )
    throw new CliError('Nothing was done.');
  const counts = { done: 0, impossible: 0 };
  await mapConcurrently(identifiers, CONCURRENCY, async (identifier) => {
    const reply = await api.call(each.name, { parameters: { supplier, identifier } });
    if (reply.status === 200) counts.done += 1;
    else if (reply.status === 409 || reply.status === 404) {
      counts.impossible += 1;
      terminal.note(`${identifier}: ${reply.body.detail}`);
    } else throw refused(reply, api.host);
    terminal.progress(`${counts.done + counts.impossible} of ${identifiers.length}`);
  });
  terminal.data(
    { [each.done]: counts.done, impossible: counts.impossible },
    `${counts.done} ${each.done}${counts.impossible > 0 ? `, ${counts.impossible} not possible` : ''}\nnext: supply-points list`,
  );
  return counts.impossible === 0 ? EXIT.ok : EXIT.rowsFailed;
}

async function possible(
  api: Service,
  supplier: string,
  { statuses }: Action,
  code: string | undefined,
): Promise<string[]> {
  const found: string[] = [];
  for (const status of statuses)
    for await (const { external_identifier: identifier, latest_error: error } of listed(
      api,
      supplier,
      status,
    ))
      if (code === undefined || error?.code === code) found.push(identifier);
  return found;
}

/** Asks on a terminal. Elsewhere `--yes` is required. @throws UsageError */
async function confirmed(question: string, isYes: boolean): Promise<boolean> {
  process.stderr.write(`${question}\n`);
  if (isYes) return true;
  if (!process.stdin.isTTY) throw new UsageError('Give --yes to confirm. Nothing was done.');
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test(await prompt.question('Go on? (y/N) '));
  } finally {
    prompt.close();
  }
}

/** `supply-points redrive` */
export const redrive: Command = {
  name: 'redrive',
  summary: 'Retries the imports whose attempts were used up (import_attempts_exhausted; operators only).',
  options: {
    ...SERVICE_OPTIONS,
    ...SUPPLIER_OPTION,
    yes: { type: 'boolean', short: 'y', description: 'do not ask' },
  },
  async run({ values, terminal }: Invocation) {
    const { api, supplier } = await supplierService(values);
    const exhausted = await possible(
      api,
      supplier,
      { name: 'retry', done: '', statuses: ['ERRORED', 'DRY_RUN_ERRORED'] },
      'import_attempts_exhausted',
    );
    if (
      !(await confirmed(
        `${exhausted.length} imports of ${supplier} will be retried.`,
        values['yes'] === true,
      ))
    )
      throw new CliError('Nothing was done.');
    let redriven = 0;
    for (let remaining = exhausted.length > 0; remaining; ) {
      const body = await api.get('redrive', { parameters: { supplier } });
      redriven += body.redriven;
      remaining = body.remaining && body.redriven > 0;
      terminal.progress(`${redriven} retried`);
    }
    terminal.data({ redriven }, `${redriven} retried\nnext: supply-points list --status PENDING`);
    return EXIT.ok;
  },
};
