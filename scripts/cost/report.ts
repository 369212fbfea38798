import { textTable } from '../registry/table-text.ts';
import { type Consumption, consumptionOf, dollarsOf, type PaidBy } from './consumption.ts';
import type { Measured } from './measure.ts';
import {
  PRICES,
  PRICES_DATE,
  PRICES_REGION,
  type PricedThing,
  REQUESTS_PER_SECOND,
  STORAGE_PRICES,
} from './prices.ts';
import { type Amounts, counted, sumOf } from './tally.ts';
import type { TemplateFacts } from './template-facts.ts';

/** What an import of the guide's example by the endpoint may consume at most, index writes included. */
export const GOALS = { writeUnits: 8, readUnits: 2, logMegabytes: 0.001 } as const;

export type Report = { text: string; isMet: boolean };

/** What was measured, for people, with whether the goals are met. `times`: of how many imports and rows. */
export function reportOn(
  measured: Measured,
  times: { imports: number; rows: number },
  facts: PaidBy & Pick<TemplateFacts, 'tableIds'>,
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
    // Sums of halves are exact, and so is what they are divided into but for the last digits.
    return {
      isMet: amount <= most + 1e-9,
      said: `${amountText(amount)} of at most ${most} ${PRICES[name as keyof typeof GOALS].what}`,
    };
  });
  const text = [
    `The guide's example, ${times.imports} times one after another by the endpoint, and ${times.rows} times in one drop:`,
    priceTable(columns),
    unitsText(measured.imports, times.imports, facts.tableIds),
    timesText(measured.imports, 'an import', facts.memoryMiB),
    timesText(measured.rows, 'the rows of the drop', facts.memoryMiB),
    keptText(measured.imports, times.imports, anImport),
    NOTES,
    goals.map(({ isMet, said }) => `${isMet ? 'met   ' : 'MISSED'}  ${said} an import`).join('\n'),
  ].join('\n\n');
  return { text, isMet: goals.every(({ isMet }) => isMet) };
}

type Column = { head: string; consumption: Consumption };

function priceTable(columns: readonly Column[]): string {
  const things = Object.entries(PRICES) as [PricedThing, (typeof PRICES)[PricedThing]][];
  const rows = things.map(([thing, { what, dollarsPerMillion, isAssumed }]) => [
    what,
    ...columns.map(({ consumption }) => amountText(consumption[thing])),
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

/** What a million imports cost for each month that they are kept. */
function keptText(amounts: Amounts, times: number, { logMegabytes }: Consumption): string {
  // Bytes of one are megabytes of a million.
  const gigabytes = (name: string): number => sumOf(amounts, name) / times / 1000;
  const tables = gigabytes('stored table');
  const indexes = gigabytes('stored index');
  const line = (dollars: number, what: string) => `  $${dollars.toFixed(2)} ${what}`;
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

function timesText(amounts: Amounts, of: string, memoryMiB: ReadonlyMap<string, number>): string {
  const parts = [...memoryMiB].flatMap(([name, memory]) => {
    const invocations = amounts[counted.invocation(name)] ?? 0;
    if (invocations === 0) return [];
    const each = sumOf(amounts, counted.milliseconds(name)) / invocations;
    return [`  ${name}: ${invocations} invocations of ${each.toFixed(1)} ms at ${memory} MiB`];
  });
  return [`Lambda for ${of}:`, ...parts].join('\n');
}

const NOTES = `Prices: ${PRICES_REGION}, on demand, as of ${PRICES_DATE}; those with ? are assumed. See scripts/cost/prices.ts.
Milliseconds are this machine's, without cold starts; a function of 512 MiB has 0.3 of a processor in Lambda.
X-Ray traces one request in a hundred and one a second, here of ${REQUESTS_PER_SECOND} requests a second.
Where API Gateway logs each request, the function does not: about the same bytes.`;
