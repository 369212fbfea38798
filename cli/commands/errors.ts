import { errorCatalogue } from '../../shared/api/error-catalogue.ts';
import { codeTexts, remedyOf } from '../../shared/drops/reporting/error-groups.ts';
import { type Command, EXIT, type Invocation, SERVICE_OPTIONS, SUPPLIER_OPTION } from '../command.ts';
import type { Service } from '../service.ts';
import { supplierService } from '../supplier.ts';
import { printable, type Terminal } from '../terminal.ts';
import { listed } from './imports.ts';

const EXAMPLES_MAX = 3;

/** `supply-points errors [DROP]`: why imports and rows failed. */
export const errors: Command = {
  name: 'errors',
  argument: { name: '[DROP]', min: 0, max: 1 },
  summary:
    'Groups the imports that errored, or the failed rows of a drop, by their error, the most frequent first.',
  description:
    'For a drop also with the first lines, the codes that come close to a wrong one, and what to do; already while it is read.',
  options: { ...SERVICE_OPTIONS, ...SUPPLIER_OPTION },
  async run({ values, positionals: [drop], terminal }: Invocation) {
    const { api, supplier } = await supplierService(values);
    await (drop === undefined
      ? importErrors(api, supplier, terminal)
      : dropErrors(api, supplier, drop, terminal));
    return EXIT.ok;
  },
};

type ImportErrors = { code: string; imports: number; detail: string; examples: string[] };

async function importErrors(api: Service, supplier: string, terminal: Terminal): Promise<void> {
  const groups = new Map<string, ImportErrors>();
  for (const status of ['ERRORED', 'DRY_RUN_ERRORED'] as const) {
    for await (const each of listed(api, supplier, status)) {
      const { code, detail } = each.latest_error ?? { code: 'unknown', detail: '' };
      const group = groups.get(code) ?? { code, imports: 0, detail, examples: [] };
      groups.set(code, group);
      group.imports += 1;
      if (group.examples.length < EXAMPLES_MAX) group.examples.push(each.external_identifier);
    }
  }
  const rows = [...groups.values()].sort((one, other) => other.imports - one.imports);
  const shown = rows.map((row) => ({ ...row, remedy: codeRemedy(row.code) }));
  terminal.table(shown, ['imports', 'code', 'detail', 'examples', 'remedy']);
  if (rows.length === 0) terminal.note(`No import of ${supplier} has errored.`);
  else terminal.note(`next: supply-points history ${rows[0]!.examples[0]}`);
}

async function dropErrors(api: Service, supplier: string, drop: string, terminal: Terminal): Promise<void> {
  const { most_frequent_errors: errors, name } = await api.get('drops-status', {
    parameters: { supplier, drop },
  });
  for (const { error, detail, count, lines, suggestions = [], ...rest } of errors) {
    const remedy = remedyOf(error) ?? codeRemedy(error);
    const texts = [
      `${String(count).padStart(7)}  ${printable(error)}`,
      detail && printable(detail),
      suggestions.length > 0 ? `did you mean ${codeTexts(suggestions).join(' or ')}?` : undefined,
      remedy,
      `${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}${count > lines.length ? ', …' : ''} of ${printable(name)}`,
    ];
    const record = {
      error,
      rows: count,
      lines,
      ...rest,
      ...(detail && { detail }),
      ...(remedy && { remedy }),
    };
    terminal.data(
      { ...record, suggestions: codeTexts(suggestions) },
      texts.filter(Boolean).join('\n         '),
    );
  }
  if (errors.length === 0) terminal.note('No row of this drop has failed.');
  else terminal.note(`next: supply-points failed-rows ${drop} --out failed-${name}`);
}

/** What to do about an import's error; undefined for codes of scenarios. The code may follow a field: `supply_point.identifier: code`. */
function codeRemedy(error: string): string | undefined {
  const code = error.split(': ').at(-1)!;
  return errorCatalogue().find((known) => known.where !== 'field' && known.code === code)?.remedy;
}
