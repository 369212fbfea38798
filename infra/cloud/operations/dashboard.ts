import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IMetric,
  LogQueryVisualizationType,
  LogQueryWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { metricsNamespace, type ServiceFunction } from '../service-function.ts';
import { byOutcome, importTime } from './metrics.ts';
import type { MonitoredResources, Signal } from './signals.ts';

const PERIOD = Duration.minutes(5);
/** A dashboard is 24 columns wide. */
const THIRD = 8;

/** Adds the dashboard: alarms, progress of imports and drops, numbers by supplier, the alarms' metrics, and cost drivers. */
export function addDashboard(
  scope: Construct,
  monitored: MonitoredResources,
  signals: readonly Signal[],
  alarms: IAlarm[],
): Dashboard {
  const graph = (title: string, left: IMetric[], threshold?: number) =>
    new GraphWidget({
      title,
      left,
      width: THIRD,
      leftYAxis: { min: 0 },
      leftAnnotations: threshold === undefined ? [] : [{ value: threshold, label: 'alarm' }],
    });
  const progress = progressOf(monitored).map(([title, metrics]) => graph(title, metrics));
  const signalGraphs = signals.map(({ title, metric, above, below }) =>
    graph(title, [metric], above ?? below),
  );
  const costs = costsOf(monitored).map(([title, metrics]) => graph(title, metrics));
  return new Dashboard(scope, 'dashboard', {
    dashboardName: metricsNamespace(monitored.environment),
    defaultInterval: Duration.hours(12),
    widgets: [
      [new AlarmStatusWidget({ title: 'Alarms', alarms, width: 24, height: 4 })],
      ...rows(progress),
      suppliersOf(monitored),
      ...rows(signalGraphs),
      ...rows(costs),
    ],
  });
}

type Graph = [title: string, metrics: IMetric[]];

function progressOf({ environment, queues: { dropTasks } }: MonitoredResources): Graph[] {
  const tasks = { period: PERIOD, statistic: 'Maximum' };
  return [
    ['Imports by outcome', [byOutcome(environment, 'ImportsEnded', PERIOD)]],
    [
      'Milliseconds from 201 to the end',
      ['p50', 'p95', 'p99'].map((statistic) => importTime(environment, 'PROCESSED', statistic, PERIOD)),
    ],
    [
      // A drop has a task in this queue until its last import has ended.
      'Tasks of drops in progress',
      [
        dropTasks.metricApproximateNumberOfMessagesVisible({ ...tasks, label: 'waiting' }),
        dropTasks.metricApproximateNumberOfMessagesNotVisible({ ...tasks, label: 'at work' }),
        dropTasks.metricApproximateNumberOfMessagesDelayed({ ...tasks, label: 'to look again' }),
      ],
    ],
    ['Drops by outcome', [byOutcome(environment, 'DropsEnded', PERIOD)]],
    ['Rows of drops by outcome', [byOutcome(environment, 'RowsRead', PERIOD)]],
  ];
}

/**
 * Numbers by supplier, which CloudWatch Logs Insights reads from the log lines with embedded metrics. Custom metrics would cost for each
 * supplier. A query costs by the size of the log in the dashboard's time range.
 */
function suppliersOf({ worker, reader }: MonitoredResources): LogQueryWidget[] {
  const table = (title: string, from: ServiceFunction, name: 'ImportsEnded' | 'DropsEnded' | 'RowsRead') =>
    new LogQueryWidget({
      title,
      logGroupNames: [from.logGroup.logGroupName],
      view: LogQueryVisualizationType.TABLE,
      width: THIRD,
      queryLines: [
        `filter ispresent(${name})`,
        `stats sum(${name}) as n by supplier, outcome`,
        'sort n desc',
      ],
    });
  return [
    table('Imports by supplier', worker, 'ImportsEnded'),
    table('Drops by supplier', reader, 'DropsEnded'),
    table('Rows of drops by supplier', reader, 'RowsRead'),
  ];
}

/** The cost drivers. */
function costsOf({ api, tables, functions }: MonitoredResources): Graph[] {
  const total = { period: PERIOD, statistic: 'Sum' };
  return [
    ['Requests', [api.metricCount(total)]],
    ['Write units of tables', tables.map((table) => table.metricConsumedWriteCapacityUnits(total))],
    ['Read units of tables', tables.map((table) => table.metricConsumedReadCapacityUnits(total))],
    ['Milliseconds that functions ran', functions.map((each) => each.metricDuration(total))],
  ];
}

function rows(graphs: readonly GraphWidget[]): GraphWidget[][] {
  const perRow = 24 / THIRD;
  return Array.from({ length: Math.ceil(graphs.length / perRow) }, (_, row) =>
    graphs.slice(row * perRow, (row + 1) * perRow),
  );
}
