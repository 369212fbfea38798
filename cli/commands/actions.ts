import { mapConcurrently } from '../../shared/map-concurrently.ts';
import {
  type Command,
  EXIT,
  type Invocation,
  type Options,
  SERVICE_OPTIONS,
  SUPPLIER_OPTION,
  UsageError,
  type Values,
} from '../command.ts';
import { confirm } from '../confirm.ts';
import { refused, type Service } from '../service.ts';
import { supplierService } from '../supplier.ts';
import type { Terminal } from '../terminal.ts';
import { followDrop } from './drops.ts';
import { type Action, FILTER_OPTIONS, hasFilter, selectedImports } from './selected-imports.ts';

const YES: Options = { yes: { type: 'boolean', short: 'y', description: 'do not ask' } };
const OPTIONS: Options = {
  ...SERVICE_OPTIONS,
  ...SUPPLIER_OPTION,
  all: { type: 'boolean', description: 'every import that it is possible for' },
  ...FILTER_OPTIONS,
  ...YES,
};
const IDS = { name: 'ID…', min: 0, max: Number.POSITIVE_INFINITY };
const CONCURRENCY = 10;
const FILTERED =
  'Without ID… it takes the imports that match all filters, after it has shown their number and was confirmed. Exit code 3 if it was not possible for some.';

const CANCEL: Action = { name: 'cancel', done: 'cancelled', statuses: ['PENDING'] };
const RETRY: Action = { name: 'retry', done: 'retried', statuses: ['ERRORED', 'DRY_RUN_ERRORED'] };
const EXHAUSTED = 'import_attempts_exhausted';

/** `supply-points cancel` */
export const cancel: Command = {
  name: 'cancel',
  argument: IDS,
  summary: 'Cancels imports that are PENDING (operators only).',
  description: `${FILTERED}\nWith --drop it cancels the drop: the reading stops, and its imports that are PENDING are cancelled.`,
  options: OPTIONS,
  run: (invocation) =>
    invocation.values['drop'] === undefined ? act(CANCEL, invocation) : cancelDrop(invocation),
};

/** `supply-points retry` */
export const retry: Command = {
  name: 'retry',
  argument: IDS,
  summary: 'Starts another attempt of imports that errored (operators only).',
  description: FILTERED,
  options: OPTIONS,
  run: (invocation) => act(RETRY, invocation),
};

/** `supply-points redrive` */
export const redrive: Command = {
  name: 'redrive',
  summary: `Retries the imports whose attempts were used up (${EXHAUSTED}; operators only).`,
  description:
    'It takes all of them, or those that match all filters, after it has shown their number and was confirmed.',
  options: {
    ...SERVICE_OPTIONS,
    ...SUPPLIER_OPTION,
    drop: FILTER_OPTIONS['drop']!,
    ids: FILTER_OPTIONS['ids']!,
    ...YES,
  },
  run: (invocation) => {
    const values: Values = { ...invocation.values, code: EXHAUSTED };
    const isFiltered = values['drop'] !== undefined || values['ids'] !== undefined;
    return isFiltered ? act(RETRY, { ...invocation, values }) : redriveAll(invocation);
  },
};

async function act(action: Action, { values, positionals, terminal }: Invocation): Promise<number> {
  const isSelected = values['all'] === true || hasFilter(values);
  if (isSelected === positionals.length > 0)
    throw new UsageError(`${action.name} needs either ID…, or --all or a filter.`);
  const { api, supplier } = await supplierService(values);
  const identifiers = isSelected ? await selectedImports(api, supplier, action, values) : positionals;
  if (isSelected)
    await confirm(`${identifiers.length} imports of ${supplier} will be ${action.done}.`, values);
  const { done, impossible } = await sendEach(action, identifiers, { api, supplier, terminal });
  terminal.data(
    { [action.done]: done, impossible },
    `${done} ${action.done}${impossible > 0 ? `, ${impossible} not possible` : ''}\nnext: supply-points watch`,
  );
  return impossible === 0 ? EXIT.ok : EXIT.rowsFailed;
}

async function sendEach(
  { name }: Action,
  identifiers: readonly string[],
  { api, supplier, terminal }: { api: Service; supplier: string; terminal: Terminal },
) {
  const counts = { done: 0, impossible: 0 };
  await mapConcurrently(identifiers, CONCURRENCY, async (identifier) => {
    const reply = await api.call(name, { parameters: { supplier, identifier } });
    if (reply.status === 200) counts.done += 1;
    else if (reply.status === 409 || reply.status === 404) {
      counts.impossible += 1;
      terminal.note(`${identifier}: ${reply.body.detail}`);
    } else throw refused(reply, api.host);
    terminal.progress(`${counts.done + counts.impossible} of ${identifiers.length}`);
  });
  return counts;
}

/** How long the request waits for the cancelled drop's final state, in seconds; the most that the service accepts. */
const WAIT_SECONDS = 8;

async function cancelDrop({ values, positionals, terminal }: Invocation): Promise<number> {
  const others = ['all', 'status', 'code', 'ids'].filter((name) => values[name] !== undefined);
  if (positionals.length > 0 || others.length > 0)
    throw new UsageError('cancel --drop cancels a whole drop: give it without ID… and other filters.');
  const { api, supplier } = await supplierService(values);
  const parameters = { supplier, drop: String(values['drop']) };
  const { name, imports } = await api.get('drops-status', { parameters });
  await confirm(`The drop of ${name} will be cancelled. ${imports.open} of its imports are open.`, values);
  await api.get('drops-cancel', { parameters, query: { wait_seconds: WAIT_SECONDS } });
  const cancelled = await followDrop(api, supplier, parameters.drop, terminal);
  terminal.data(
    cancelled,
    `${cancelled.state}: ${cancelled.imports.cancelled} cancelled\nnext: supply-points drop-status ${parameters.drop}`,
  );
  return EXIT.ok;
}

async function redriveAll({ values, terminal }: Invocation): Promise<number> {
  const { api, supplier } = await supplierService(values);
  const exhausted = await selectedImports(api, supplier, RETRY, { code: EXHAUSTED });
  await confirm(`${exhausted.length} imports of ${supplier} will be retried.`, values);
  let redriven = 0;
  for (let remaining = exhausted.length > 0; remaining; ) {
    const body = await api.get('redrive', { parameters: { supplier } });
    redriven += body.redriven;
    remaining = body.remaining && body.redriven > 0;
    terminal.progress(`${redriven} retried`);
  }
  terminal.data({ redriven }, `${redriven} retried\nnext: supply-points watch`);
  return EXIT.ok;
}
