import type { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Environment } from '../../environment.ts';
import { metricsNamespace } from '../service-function.ts';

/** A CloudWatch metric math expression. @param usingMetrics the metrics by their names in the formula */
export const expression = (
  label: string,
  formula: string,
  usingMetrics: Record<string, IMetric>,
  period: Duration,
): MathExpression => new MathExpression({ label, expression: formula, usingMetrics, period });

/** The sum of at most ten metrics, CloudWatch's limit for an alarm. Missing data counts as 0. */
export function sum(label: string, metrics: readonly IMetric[], period: Duration): MathExpression {
  const named = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  const formula = Object.keys(named).map((name) => `FILL(${name}, 0)`);
  return expression(label, formula.join(' + '), named, period);
}

/** A global secondary index. */
export type TableIndex = { table: Table; name: string };

/** Throttled reads and writes of a table, without those of its indexes. */
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

/** Throttled reads and writes of an index, which the table's metrics do not include (source: DynamoDB metrics, WriteThrottleEvents). */
export const throttledIndexRequests = ({ table, name }: TableIndex, period: Duration): IMetric[] =>
  ['ReadThrottleEvents', 'WriteThrottleEvents'].map((metricName) =>
    table.metric(metricName, {
      period,
      statistic: 'Sum',
      dimensionsMap: { TableName: table.tableName, GlobalSecondaryIndexName: name },
    }),
  );

/** Imports of all suppliers with this outcome (source: functions/edge/metrics.ts; here and below). */
export const importsEnded = (environment: Environment, outcome: string, period: Duration) =>
  ownMetric(environment, 'ImportsEnded', outcome, period, 'Sum');

/** Imports that finished with this status because their attempts were exhausted. */
export const importsExhausted = (environment: Environment, outcome: string, period: Duration) =>
  ownMetric(environment, 'ImportsExhausted', outcome, period, 'Sum');

/** Milliseconds from an import's submission to its final status. */
export const importTime = (environment: Environment, outcome: string, statistic: string, period: Duration) =>
  ownMetric(environment, 'ImportTime', outcome, period, statistic).with({ label: `${outcome} ${statistic}` });

/** One line in a graph for each outcome that was recorded. */
export const byOutcome = (
  environment: Environment,
  metricName: 'ImportsEnded' | 'DropsEnded' | 'RowsRead',
  period: Duration,
): MathExpression => {
  const search = `{${metricsNamespace(environment)},outcome} MetricName="${metricName}"`;
  return expression('', `SEARCH('${search}', 'Sum', ${period.toSeconds()})`, {}, period);
};
