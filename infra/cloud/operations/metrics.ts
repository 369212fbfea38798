import type { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Environment } from '../../environment.ts';
import { metricsNamespace } from '../service-function.ts';

/** A formula over metrics, by the names that it has for them. */
export const expression = (
  label: string,
  formula: string,
  usingMetrics: Record<string, IMetric>,
  period: Duration,
): MathExpression => new MathExpression({ label, expression: formula, usingMetrics, period });

/** The sum of metrics, those that were not measured being nothing; of ten at most, as an alarm takes no more. */
export function sum(label: string, metrics: readonly IMetric[], period: Duration): MathExpression {
  const named = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  const formula = Object.keys(named).map((name) => `FILL(${name}, 0)`);
  return expression(label, formula.join(' + '), named, period);
}

/** A global secondary index. */
export type TableIndex = { table: Table; name: string };

/** Requests that DynamoDB refused on a table's own account, reads and writes. */
export const throttledRequests = (table: Table, period: Duration): IMetric[] =>
  ['ReadThrottleEvents', 'WriteThrottleEvents'].map((name) =>
    table.metric(name, { period, statistic: 'Sum' }),
  );

const ownMetric = (
  environment: Environment,
  metricName: string,
  outcome: string,
  period: Duration,
  statistic: string,
) =>
  new Metric({
    namespace: metricsNamespace(environment),
    metricName,
    dimensionsMap: { outcome },
    period,
    statistic,
    label: outcome,
  });

/** The same of an index, which its table's metrics do not count (source: DynamoDB metrics, WriteThrottleEvents). */
export const throttledIndexRequests = ({ table, name }: TableIndex, period: Duration): IMetric[] =>
  ['ReadThrottleEvents', 'WriteThrottleEvents'].map((metricName) =>
    table.metric(metricName, {
      period,
      statistic: 'Sum',
      dimensionsMap: { TableName: table.tableName, GlobalSecondaryIndexName: name },
    }),
  );

/** How many imports ended so, of all suppliers (source: functions/edge/metrics.ts; here and below). */
export const importsEnded = (environment: Environment, outcome: string, period: Duration) =>
  ownMetric(environment, 'ImportsEnded', outcome, period, 'Sum');

/** How many imports ended because their attempts were exhausted, by the status that they ended in. */
export const importsExhausted = (environment: Environment, outcome: string, period: Duration) =>
  ownMetric(environment, 'ImportsExhausted', outcome, period, 'Sum');

/** Milliseconds from an import's submission to its end. */
export const importTime = (environment: Environment, outcome: string, statistic: string, period: Duration) =>
  ownMetric(environment, 'ImportTime', outcome, period, statistic).with({ label: `${outcome} ${statistic}` });

/** One line an outcome, whichever there are. */
export const byOutcome = (
  environment: Environment,
  metricName: 'ImportsEnded' | 'DropsEnded' | 'RowsRead',
  period: Duration,
): MathExpression => {
  const search = `{${metricsNamespace(environment)},outcome} MetricName="${metricName}"`;
  return expression('', `SEARCH('${search}', 'Sum', ${period.toSeconds()})`, {}, period);
};
