import { type BillingFacts, type Consumption, consumptionOf, dollarsOf } from './consumption.ts';
import type { Measured } from './measure.ts';
import {
  type BilledResource,
  PRICES,
  PRICES_DATE,
  PRICES_REGION,
  REQUESTS_PER_SECOND,
  STORAGE_PRICES,
} from './prices.ts';
import { textTable } from './table-text.ts';
import { type Amounts, counted, sumOf } from './tally.ts';
import type { TemplateFacts } from './template-facts.ts';

/** Maximum consumption of one import of the guide's example by the endpoint, index writes included. */
export const GOALS = { writeUnits: 8, readUnits: 2, logMegabytes: 0.001 } as const;

export type Report = { text: string; isMet: boolean };

/** Formats the measurements, and checks them against {@link GOALS}. `times`: how many imports and rows were measured. */
export function reportOn(
  measured: Measured,
  times: { imports: number; rows: number; atOnce: number },
  facts: BillingFacts & Pick<TemplateFacts, 'tableIds'>,
): Report {
  const of = (amounts: Amounts, count: number): Consumption => consumptionOf(amounts, count, facts);
  const anImport = of(measured.imports, times.imports);
  const columns: Column[] = [
    { head: 'an import', consumption: anImport },
    { head: 'a row of a drop', consumption: of(measured.rows, times.rows) },
    { head: 'a validation', consumption: of(measured.validations, times.imports) },
    { head: 'a status', consumption: of(measured.statuses, times.imports) },
  ];
  const goals = Object.entries(GOALS).map(([name, most]) => {
    const amount = anImport[name as keyof typeof GOALS];
    // Units are sums of halves and exact; only the division rounds, in the last digits.
    return {
      isMet: amount <= most + 1e-9,
      description: `${amountText(amount)} of at most ${most} ${PRICES[name as keyof typeof GOALS].name}`,
    };
  });
  const text = [
    `The guide's example, ${times.imports} times by the endpoint (${times.atOnce} at once), and ${times.rows} times in one drop:`,
    priceTable(columns),
    unitsText(measured.imports, times.imports, facts.tableIds),
    timesText(measured.imports, 'an import', facts.memoryMiB),
    timesText(measured.rows, 'the rows of the drop', facts.memoryMiB),
    storageText(measured.imports, times.imports, anImport),
    NOTES,
    goals
      .map(({ isMet, description }) => `${isMet ? 'met   ' : 'MISSED'}  ${description} an import`)
      .join('\n'),
  ].join('\n\n');
  return { text, isMet: goals.every(({ isMet }) => isMet) };
}

type Column = { head: string; consumption: Consumption };

function priceTable(columns: readonly Column[]): string {
  const resources = Object.entries(PRICES) as [BilledResource, (typeof PRICES)[BilledResource]][];
  const rows = resources.map(([resource, { name, dollarsPerMillion, isAssumed }]) => [
    name,
    ...columns.map(({ consumption }) => amountText(consumption[resource])),
    `$${dollarsPerMillion}${isAssumed ? ' ?' : ''}`,
  ]);
  const heads = ['', ...columns.map(({ head }) => head), '$ a million'];
  const sums = ['dollars a million', ...columns.map(({ consumption }) => millionText(consumption)), ''];
  return textTable(heads, [...rows, sums]);
}

const amountText = (amount: number): string => (amount === 0 ? '-' : amount.toPrecision(3));
const millionText = (consumption: Consumption): string =>
  `$${(dollarsOf(consumption) * 1_000_000).toFixed(2)}`;

function unitsText(amounts: Amounts, times: number, tableIds: ReadonlyMap<string, string>): string {
  const parts = Object.entries(amounts)
    .filter(([name]) => /^(write|read) /.test(name))
    .map(([name, amount]) => {
      const [kind, table = '', ...index] = name.split(' ');
      const where = [tableIds.get(table) ?? table, ...index].join(' ');
      return `  ${(amount / times).toFixed(2)} ${kind} ${where}`;
    });
  return ['Units of an import:', ...parts.sort()].join('\n');
}

/** Returns the monthly storage cost of a million imports. */
function storageText(amounts: Amounts, times: number, { logMegabytes }: Consumption): string {
  // Bytes of one import are megabytes of a million.
  const gigabytes = (name: string): number => sumOf(amounts, name) / times / 1000;
  const tables = gigabytes('stored table');
  const indexes = gigabytes('stored index');
  const line = (dollars: number, resource: string) => `  $${dollars.toFixed(2)} ${resource}`;
  return [
    'A month of keeping a million imports:',
    line(
      (tables + indexes) * STORAGE_PRICES.tables,
      `${(tables + indexes).toFixed(2)} GB in tables and indexes`,
    ),
    line(tables * STORAGE_PRICES.pointInTimeRecovery, 'point-in-time recovery of the tables'),
    line(logMegabytes * 1000 * STORAGE_PRICES.logs, 'logs'),
  ].join('\n');
}

function timesText(amounts: Amounts, subject: string, memoryMiB: ReadonlyMap<string, number>): string {
  const parts = [...memoryMiB].flatMap(([name, memory]) => {
    const invocations = amounts[counted.invocation(name)] ?? 0;
    if (invocations === 0) return [];
    const each = sumOf(amounts, counted.milliseconds(name)) / invocations;
    return [`  ${name}: ${invocations} invocations of ${each.toFixed(1)} ms at ${memory} MiB`];
  });
  return [`Lambda for ${subject}:`, ...parts].join('\n');
}

const NOTES = `Prices: ${PRICES_REGION}, on demand, as of ${PRICES_DATE}; those with ? are assumed. See scripts/cost/prices.ts.
Milliseconds are this machine's, without cold starts; a function of 512 MiB has 0.3 of a processor in Lambda.
X-Ray traces one request in a hundred and one a second, here of ${REQUESTS_PER_SECOND} requests a second.
Where API Gateway logs each request, the function does not: about the same bytes.`;
