import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dueShards } from '../../shared/imports/due.ts';
import { listingPartitions } from '../../shared/imports/listing.ts';
import { textTable } from '../registry/table-text.ts';
import { MONTHLY_PRICES, PRICES } from './prices.ts';

/** A resource of a synthesized template. */
export type TemplateResource = { Type: string; Properties?: Record<string, unknown> };
/** Dollars a month of one kind of thing. */
export type IdleCost = { what: string; count: number; dollars: number };

const MINUTES_A_MONTH = 43_800;
/** Suppliers that the sweeper looks at each minute, whether they have imports or not. */
export const SUPPLIERS = 50;
/**
 * Requests that Lambda makes to an empty queue in a minute for each event source mapping: five pollers, each with long polls of 20 seconds.
 * Measured by users; AWS publishes no number (source: getlift/lift, issue 132).
 */
const EMPTY_POLLS_A_MINUTE = 15;
/** How long a sweep that finds nothing runs for each supplier and at least, in seconds. Assumed. */
const SWEEP_SECONDS = { least: 0.05, eachSupplier: 0.015 };
const SWEEPER_GIGABYTES = 0.5;

/** The resources of all templates in a folder that an environment was synthesized to. */
export function resourcesIn(assembly: string): TemplateResource[] {
  return readdirSync(assembly)
    .filter((file) => file.endsWith('template.json'))
    .flatMap((file) => Object.values(JSON.parse(readFileSync(join(assembly, file), 'utf8')).Resources));
}

/**
 * What an environment costs a month without a single request, by what is paid for. SSM's standard parameters, SNS's mails, the rule that
 * starts the sweeper, CodeDeploy for Lambda, schemas that nobody discovers and the first two budgets of an account are free.
 */
export function idleCosts(resources: readonly TemplateResource[]): IdleCost[] {
  const of = (type: string) =>
    resources.filter(({ Type }) => Type === type).map(({ Properties = {} }) => Properties);
  const alarms = of('AWS::CloudWatch::Alarm');
  const metricsOf = (each: readonly Record<string, unknown>[]) =>
    each.reduce((sum, alarm) => sum + metricsOfAlarm(alarm), 0);
  const webAcls = of('AWS::WAFv2::WebACL');
  const rules = webAcls.flatMap(({ Rules = [] }) => Rules as unknown[]);
  const { alarmMetrics, dashboards, keys, webAcl, webAclRules } = MONTHLY_PRICES;
  const cost = (what: string, count: number, dollarsEach: number): IdleCost => ({
    what,
    count,
    dollars: count * dollarsEach,
  });
  return [
    cost('Metrics of alarms', metricsOf(alarms.filter(isForPeople)), alarmMetrics),
    cost(
      'Alarms of canary deployments',
      metricsOf(alarms.filter((each) => !isForPeople(each))),
      alarmMetrics,
    ),
    cost('Dashboards', of('AWS::CloudWatch::Dashboard').length, dashboards),
    cost('KMS keys', of('AWS::KMS::Key').length, keys),
    cost('WAF web ACLs', webAcls.length, webAcl),
    cost('WAF rules', rules.length, webAclRules),
    cost(
      'Queues that Lambda polls',
      of('AWS::Lambda::EventSourceMapping').length,
      perMillion(EMPTY_POLLS_A_MINUTE * MINUTES_A_MONTH, 'sqsRequests', 'groupedRequests'),
    ),
    sweeps(),
  ];
}

/** A math expression over metrics is paid for by its metrics. */
const metricsOfAlarm = ({ Metrics }: Record<string, unknown>): number =>
  Metrics === undefined
    ? 1
    : (Metrics as Record<string, unknown>[]).filter(({ MetricStat }) => MetricStat !== undefined).length;

/** CodeDeploy's alarms have no name. */
const isForPeople = ({ AlarmName }: Record<string, unknown>): boolean => AlarmName !== undefined;

const perMillion = (amount: number, ...things: (keyof typeof PRICES)[]): number =>
  things.reduce((sum, thing) => sum + (amount * PRICES[thing].dollarsPerMillion) / 1_000_000, 0);

/** The sweeper's runs, each of which is traced, and its queries: half a read unit a partition. */
function sweeps(): IdleCost {
  const partitions = [...dueShards('S'), ...listingPartitions('S', 'OPEN'), ...listingPartitions('S', 'SLOW')]
    .length;
  const seconds = SWEEP_SECONDS.least + SUPPLIERS * SWEEP_SECONDS.eachSupplier;
  const dollars =
    perMillion(MINUTES_A_MONTH, 'invocations', 'traces') +
    perMillion(MINUTES_A_MONTH * seconds * SWEEPER_GIGABYTES, 'gigabyteSeconds') +
    perMillion((MINUTES_A_MONTH * SUPPLIERS * partitions) / 2, 'readUnits');
  return { what: `Sweeps, with ${SUPPLIERS} suppliers`, count: MINUTES_A_MONTH, dollars };
}

/** The idle costs of environments by name, a column each. */
export function idleTable(environments: Readonly<Record<string, readonly IdleCost[]>>): string {
  const names = Object.keys(environments);
  const things = environments[names[0]!]!.map(({ what }) => what);
  const rows = things.map((what, row) => [
    what,
    ...names.map((name) => {
      const { count, dollars } = environments[name]![row]!;
      return count === 0 ? '-' : `${dollarText(dollars)} (${count})`;
    }),
  ]);
  const sums = names.map((name) =>
    dollarText(environments[name]!.reduce((sum, { dollars }) => sum + dollars, 0)),
  );
  return textTable(['', ...names], [...rows, ['dollars a month', ...sums]]);
}

const dollarText = (dollars: number): string => `$${dollars.toFixed(2)}`;
