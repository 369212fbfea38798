import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { RequestOf, ResultOf } from '../../shared/api/operation-types.ts';
import {
  type Command,
  EXIT,
  type Invocation,
  type Options,
  SERVICE_OPTIONS,
  SUPPLIER_OPTION,
  UsageError,
  wholeNumber,
} from '../command.ts';
import { serviceOf, supplierOf, supplierService } from '../supplier.ts';
import { changed, takesEffect } from './changed.ts';

const OPTIONS: Options = { ...SERVICE_OPTIONS, ...SUPPLIER_OPTION };

/** `supply-points scenarios show` */
export const scenariosShow: Command = {
  name: 'scenarios show',
  summary: 'Shows what imports of some identifiers rehearse, in words.',
  options: {
    ...OPTIONS,
    rules: { type: 'boolean', description: 'print the rules as `scenarios set` takes them' },
  },
  async run({ values, terminal }) {
    const { api, supplier } = await supplierService(values);
    const found = await api.get('scenarios-show', { parameters: { supplier } });
    if (values['rules'] === true)
      process.stdout.write(
        `${JSON.stringify(
          found.results.map(({ rule }) => rule),
          undefined,
          2,
        )}\n`,
      );
    else shown(terminal, supplier, found);
    return EXIT.ok;
  },
};

/** `supply-points scenarios set` */
export const scenariosSet: Command = {
  name: 'scenarios set',
  argument: { name: 'FILE', min: 1, max: 1 },
  summary: 'Replaces a supplier’s scenarios by the rules in a file (operators only).',
  description:
    'The file is a JSON list of rules, as `scenarios show --rules` prints it; `-` is standard input.',
  options: {
    ...OPTIONS,
    revision: {
      type: 'string',
      value: 'N',
      description: 'only if the present scenarios are this revision (whatever it is)',
    },
  },
  async run({ values, positionals, terminal }) {
    const body: RequestOf<'scenarios-set'> = { rules: await rulesIn(positionals[0]!) };
    if (values['revision'] !== undefined)
      body.revision = wholeNumber(values, 'revision', 0, 0, Number.MAX_SAFE_INTEGER);
    const supplier = await supplierOf(serviceOf(values), values);
    const found = await changed(values, 'scenarios-set', { parameters: { supplier }, body });
    shown(terminal, supplier, found);
    terminal.note(takesEffect(found));
    return EXIT.ok;
  },
};

/** `supply-points scenarios clear` */
export const scenariosClear: Command = {
  name: 'scenarios clear',
  summary: 'Removes a supplier’s scenarios (operators only).',
  options: OPTIONS,
  async run({ values, terminal }) {
    const supplier = await supplierOf(serviceOf(values), values);
    const found = await changed(values, 'scenarios-clear', { parameters: { supplier } });
    terminal.data(found, `${supplier} has no scenarios. ${takesEffect(found)}`);
    return EXIT.ok;
  },
};

function shown(terminal: Invocation['terminal'], supplier: string, found: ResultOf<'scenarios-show'>): void {
  const { allowed, revision, results } = found;
  if (!allowed) terminal.note('Scenarios have no effect here: the environment does not allow them.');
  terminal.table(results, ['example', 'applies_to', 'text']);
  terminal.note(`${supplier} has ${results.length} scenarios, revision ${revision}.`);
}

/** @throws UsageError for a file that cannot be read or is not a JSON list */
async function rulesIn(file: string): Promise<RequestOf<'scenarios-set'>['rules']> {
  try {
    const rules: unknown = JSON.parse(file === '-' ? await text(process.stdin) : readFileSync(file, 'utf8'));
    if (!Array.isArray(rules)) throw new Error('it is not a list');
    return rules;
  } catch (error) {
    throw new UsageError(`${file} has no rules: ${(error as Error).message}. Nothing was done.`);
  }
}
