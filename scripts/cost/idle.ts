import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dueShards } from '../../shared/imports/model/due.ts';
import { listingPartitions } from '../../shared/imports/model/listing.ts';
import { MONTHLY_PRICES, PRICES } from './prices.ts';
import { textTable } from './table-text.ts';

/** A resource of a synthesized template. */
export type TemplateResource = { Type: string; Properties?: Record<string, unknown> };
/** Monthly cost, in dollars, of all resources of one kind. */
export type IdleCost = { resource: string; count: number; dollars: number };

const MINUTES_A_MONTH = 43_800;
/** Assumed number of suppliers. The sweeper queries each of them every minute, with or without imports. */
export const SUPPLIERS = 50;
/**
 * Requests a minute to an empty queue, for each event source mapping: Lambda has five pollers, each with long polls of 20 seconds.
 * Users measured this; AWS publishes no number (source: getlift/lift, issue 132).
 */
const EMPTY_POLLS_A_MINUTE = 15;
/** Assumed duration of a sweep that finds nothing, in seconds: a base, and a share for each supplier. */
const SWEEP_SECONDS = { base: 0.05, eachSupplier: 0.015 };
const SWEEPER_GIGABYTES = 0.5;

/** Returns the resources of all templates in a cloud assembly's folder. */
export function resourcesIn(assembly: string): TemplateResource[] {
  return readdirSync(assembly)
    .filter((file) => file.endsWith('template.json'))
    .flatMap((file) => Object.values(JSON.parse(readFileSync(join(assembly, file), 'utf8')).Resources));
}

/**
 * Returns an environment's monthly cost without requests, by kind of resource. Free, and therefore not listed: standard SSM parameters,
 * SNS's mails, scheduled rules, CodeDeploy for Lambda, schemas without discovery, and the first two budgets of an account.
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
  const cost = (resource: string, count: number, dollarsEach: number): IdleCost => ({
    resource,
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
    sweepCost(),
  ];
}

/** An alarm on a math expression is billed for each metric in it. */
const metricsOfAlarm = ({ Metrics }: Record<string, unknown>): number =>
  Metrics === undefined
    ? 1
    : (Metrics as Record<string, unknown>[]).filter(({ MetricStat }) => MetricStat !== undefined).length;

/** Alarms for canary deployments have no name. */
const isForPeople = ({ AlarmName }: Record<string, unknown>): boolean => AlarmName !== undefined;

const perMillion = (amount: number, ...things: (keyof typeof PRICES)[]): number =>
  things.reduce((sum, thing) => sum + (amount * PRICES[thing].dollarsPerMillion) / 1_000_000, 0);

/** Cost of the sweeper's runs, which are all traced, and of its queries, at half a read unit for each partition. */
function sweepCost(): IdleCost {
  const partitions = [...dueShards('S'), ...listingPartitions('S', 'OPEN'), ...listingPartitions('S', 'SLOW')]
    .length;
  const seconds = SWEEP_SECONDS.base + SUPPLIERS * SWEEP_SECONDS.eachSupplier;
  const dollars =
    perMillion(MINUTES_A_MONTH, 'invocations', 'traces') +
    perMillion(MINUTES_A_MONTH * seconds * SWEEPER_GIGABYTES, 'gigabyteSeconds') +
    perMillion((MINUTES_A_MONTH * SUPPLIERS * partitions) / 2, 'readUnits');
  return { resource: `Sweeps, with ${SUPPLIERS} suppliers`, count: MINUTES_A_MONTH, dollars };
}

/** Formats the environments' idle costs as a table with one column for each. */
export function idleTable(environments: Readonly<Record<string, readonly IdleCost[]>>): string {
  const names = Object.keys(environments);
  const resources = environments[names[0]!]!.map(({ resource }) => resource);
  const rows = resources.map((resource, row) => [
    resource,
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
