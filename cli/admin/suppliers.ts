import type { ResultOf } from '../../shared/api/operation-types.ts';
import { type Command, EXIT, type Invocation, SERVICE_OPTIONS } from '../command.ts';
import { serviceOf } from '../supplier.ts';
import { changed, takesEffect } from './changed.ts';

const CODE = { name: 'CODE', min: 1, max: 1 };
const COLUMNS = ['code', 'migration', 'ignores_unknown_columns', 'scenarios'] as const;

const list: Command = {
  name: 'supplier list',
  summary: 'Lists the import suppliers (administrators only).',
  options: SERVICE_OPTIONS,
  async run({ values, terminal }) {
    const { results } = await serviceOf(values).get('suppliers-list');
    terminal.table(results, COLUMNS);
    return EXIT.ok;
  },
};

const add: Command = {
  name: 'supplier add',
  argument: CODE,
  summary: 'Registers an import supplier (administrators only).',
  description: 'A supplier can be closed later, but not removed.',
  options: {
    ...SERVICE_OPTIONS,
    closed: { type: 'boolean', description: 'with a closed migration' },
  },
  async run({ values, positionals, terminal }) {
    const body = { code: positionals[0]!, migration: values['closed'] ? 'closed' : 'open' } as const;
    return shown(terminal, await changed(values, 'suppliers-add', { body }));
  },
};

type Change = { migration: 'open' | 'closed' } | { ignores_unknown_columns: boolean };

const change = (action: string, summary: string, body: Change): Command => ({
  name: `supplier ${action}`,
  argument: CODE,
  summary,
  options: SERVICE_OPTIONS,
  async run({ values, positionals, terminal }) {
    const parameters = { supplier: positionals[0]! };
    return shown(terminal, await changed(values, 'suppliers-change', { parameters, body }));
  },
});

function shown(terminal: Invocation['terminal'], supplier: ResultOf<'suppliers-change'>): number {
  const columns = supplier.ignores_unknown_columns ? 'ignored' : 'refused';
  terminal.data(
    supplier,
    `${supplier.code} is ${supplier.migration}. Unknown columns of its CSV files are ${columns}. ${takesEffect(supplier)}`,
  );
  return EXIT.ok;
}

export const SUPPLIER_COMMANDS: readonly Command[] = [
  list,
  add,
  change('open', 'Opens a supplier’s migration.', { migration: 'open' }),
  change('close', 'Closes a supplier’s migration: its imports are refused.', { migration: 'closed' }),
  change('ignore-unknown-columns', 'Has columns of dropped CSV files that match no field ignored.', {
    ignores_unknown_columns: true,
  }),
  change('refuse-unknown-columns', 'Has CSV files with such columns refused, which is the default.', {
    ignores_unknown_columns: false,
  }),
];
