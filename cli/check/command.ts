import {
  type Command,
  EXIT,
  type Options,
  SERVICE_OPTIONS,
  UsageError,
  type Values,
  wholeNumber,
} from '../command.ts';
import { environmentNamed, serviceUrl } from '../environments.ts';
import { checksFor, NOT_CHECKED } from './checks.ts';
import { runChecks } from './run-checks.ts';

const WAIT_SECONDS_MAX = 3600;

const OPTIONS: Options = {
  ...SERVICE_OPTIONS,
  url: {
    type: 'string',
    value: 'URL',
    description: 'the service, with its stage if it has one, and SUPPLY_POINTS_TOKEN (that of `login`)',
  },
  supplier: { type: 'string', value: 'CODE', description: 'an open import supplier (TEST_SUPPLIER)' },
  'closed-supplier': {
    type: 'string',
    value: 'CODE',
    description: 'a closed import supplier (CLOSED_SUPPLIER); if empty, its checks are skipped',
  },
  scenarios: {
    type: 'boolean',
    description: 'the open supplier has the scenarios of docs/scenarios.md: also checks 429 and 503',
  },
  wait: { type: 'string', value: 'SECONDS', description: 'the longest that an import may take (60)' },
  'creates-nothing': {
    type: 'boolean',
    description: 'skip the checks that create something: for a service with real data',
  },
  list: { type: 'boolean', description: 'print the names of the checks and send nothing' },
};

/** `supply-points check` */
export const check: Command = {
  name: 'check',
  summary: 'Compares a service’s responses with the contract. Exit code 1 if one differs.',
  description: `The guide’s flow (validate, create, status, create again, dry run), both forms of each path, and each rejection. Not checked: ${NOT_CHECKED}.
Each run creates two supply points and a dry run with new identifiers (S and nine random letters), which remain.
The token must be able to import for both suppliers. SUPPLY_POINTS_VIEWER_TOKEN is that of a viewer: its checks are skipped without it.`,
  options: OPTIONS,
  async run({ values, terminal }) {
    if (values['list'] === true) {
      process.stdout.write(`${names().join('\n')}\n`);
      return EXIT.ok;
    }
    const { url, token } = serviceOf(values);
    const closed = (values['closed-supplier'] as string | undefined) ?? 'CLOSED_SUPPLIER';
    const options = {
      url,
      caller: {
        token,
        viewerToken: process.env['SUPPLY_POINTS_VIEWER_TOKEN'] || undefined,
        supplier: (values['supplier'] as string | undefined) ?? 'TEST_SUPPLIER',
        closedSupplier: closed === '' ? undefined : closed,
        hasScenarios: values['scenarios'] === true,
      },
      waitMs: wholeNumber(values, 'wait', 60, 0, WAIT_SECONDS_MAX) * 1000,
      createsNothing: values['creates-nothing'] === true,
    };
    const counts = await runChecks(options, (name, outcome) => {
      const detail = outcome.kind === 'ok' ? '' : `: ${outcome.detail}`;
      terminal.data({ check: name, ...outcome }, `${outcome.kind.padEnd(7)}  ${name}${detail}`);
    });
    const { ok, differs, skipped } = counts;
    terminal.data(counts, `${ok} match the contract, ${differs} differ, ${skipped} skipped.`);
    return differs === 0 ? EXIT.ok : EXIT.failed;
  },
};

/** @throws UsageError for a URL without a token */
function serviceOf(values: Values): { url: string; token: string } {
  const { url } = values;
  if (typeof url !== 'string') return environmentNamed(values['env'] as string | undefined);
  const token = process.env['SUPPLY_POINTS_TOKEN'];
  if (!token) throw new UsageError('--url needs the key of a token in the variable SUPPLY_POINTS_TOKEN.');
  return { url: serviceUrl(url), token };
}

/** The statuses and names of all checks, with letters in place of identifiers. */
function names(): string[] {
  const inputs = {
    importer: '',
    viewer: '',
    unknown: '',
    supplier: 'SUPPLIER',
    closedSupplier: 'CLOSED',
    hasScenarios: true,
    identifier: { first: 'A', second: 'B', dryRun: 'C', rejected: 'D', never: 'E' },
  };
  return checksFor(inputs).map(({ name, expected }) => `${expected.status}  ${name}`);
}
