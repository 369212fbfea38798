import { Duration } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Environment } from '../../environment.ts';
import type { ServiceFunction } from '../service-function.ts';
import {
  expression,
  importsEnded,
  importsExhausted,
  sum,
  type TableIndex,
  throttledIndexRequests,
  throttledRequests,
} from './metrics.ts';

/** The resources that alarms and the dashboard monitor. */
export type MonitoredResources = {
  environment: Environment;
  api: RestApi;
  /** Functions whose throttling delays requests or imports. */
  functions: readonly ServiceFunction[];
  sweeper: ServiceFunction;
  /** Functions whose logs contain the outcomes of imports and drops. */
  worker: ServiceFunction;
  reader: ServiceFunction;
  tables: readonly Table[];
  /** The tables' indexes: at most five, because an alarm has at most ten metrics. */
  indexes: readonly TableIndex[];
  queues: Record<'imports' | 'bulkImports' | 'dropNotifications' | 'dropTasks', IQueue>;
  deadLetters: { imports: IQueue; drops: readonly IQueue[] };
};

/** A symptom with an alarm. Its id is also the heading of its section in docs/operations.md. */
export type Signal = {
  id: string;
  title: string;
  /** The effect on users of the service. Part of the alarm's description. */
  meaning: string;
  metric: IMetric;
  /** The alarm's threshold: either an upper or a lower one. */
  above?: number;
  below?: number;
  /** Consecutive minutes beyond the threshold before the alarm. */
  minutes: number;
  /** Whether missing data counts as beyond the threshold. */
  isAlarmingWhenMissing?: true;
};

/** Returns the signals of an environment. They are symptoms that affect users, not causes. */
export function signalsOf(monitored: MonitoredResources): Signal[] {
  return [
    ...waits(monitored),
    ...deadLetters(monitored),
    ...failures(monitored),
    latency(monitored),
    ...throttles(monitored),
    sweeps(monitored),
  ];
}

/** Ages of the oldest messages, in seconds. The limit for imports of drops is high: a million rows take hours at their concurrency. */
function waits({ queues, environment }: MonitoredResources): Signal[] {
  const age = (queue: IQueue) =>
    queue.metricApproximateAgeOfOldestMessage({ period: Duration.minutes(1), statistic: 'Maximum' });
  const wait = (id: string, what: string, queue: IQueue, above: number): Signal => ({
    id,
    title: `Age of the oldest: ${what}`,
    meaning: `Of the ${what}, one waits longer than ${above} seconds to be worked on.`,
    metric: age(queue),
    above,
    minutes: 5,
  });
  return [
    // A message may be delayed by 15 minutes until its schedule window opens, and then fail twice.
    wait('imports-wait', 'imports', queues.imports, 20 * 60),
    wait('bulk-imports-wait', 'imports of drops', queues.bulkImports, 6 * 3600),
    wait('drops-wait', 'dropped files', queues.dropNotifications, 15 * 60),
    // An interrupted part is redelivered after six times the reader's timeout. Two redeliveries, and half an hour for tasks that wait.
    wait(
      'drop-tasks-wait',
      'tasks of drops',
      queues.dropTasks,
      12 * environment.drops.readerTimeoutSeconds + 1800,
    ),
  ];
}

/** Received messages count in addition to visible ones, because the dead-letter functions empty these queues at once. */
function deadLetters({ deadLetters: { imports, drops }, environment }: MonitoredResources): Signal[] {
  const period = Duration.minutes(1);
  const deadLetterMetrics = (queues: readonly IQueue[]): IMetric[] =>
    queues.flatMap((queue) => [
      queue.metricNumberOfMessagesReceived({ period }),
      queue.metricApproximateNumberOfMessagesVisible({ period }),
    ]);
  const exhausted = ['ERRORED', 'DRY_RUN_ERRORED'].map((status) =>
    importsExhausted(environment, status, period),
  );
  return [
    {
      id: 'dead-imports',
      title: 'Exhausted imports and dead letters of imports',
      meaning:
        'An import failed each time it was tried, or its message was delivered a thousand times to no avail.',
      metric: sum('exhausted', [...exhausted, ...deadLetterMetrics([imports])], period),
      above: 0,
      minutes: 1,
    },
    {
      id: 'dead-drops',
      title: 'Dead letters of drops',
      meaning: 'A dropped file, or a part of one, could not be read.',
      metric: sum('dead letters', deadLetterMetrics(drops), period),
      above: 0,
      minutes: 1,
    },
  ];
}

/** Failure rates in percent, with a minimum number of failures: one failure of two requests is not significant. */
function failures({ api, environment }: MonitoredResources): Signal[] {
  const period = Duration.minutes(5);
  const ended = (outcome: string) => importsEnded(environment, outcome, Duration.minutes(15));
  return [
    {
      id: 'server-errors',
      title: 'Answers that are 5xx, in percent',
      meaning: 'More than one request in a hundred is answered that the server failed.',
      metric: expression(
        '% of requests',
        'IF(failed >= 5, 100 * failed / requests, 0)',
        {
          failed: api.metricServerError({ period, statistic: 'Sum' }),
          requests: api.metricCount({ period }),
        },
        period,
      ),
      above: 1,
      minutes: 10,
    },
    {
      id: 'errored-imports',
      title: 'Imports that end ERRORED, in percent',
      meaning: 'Of the imports that ended lately, more than one in five ended ERRORED.',
      metric: expression(
        '% of ended imports',
        'IF(FILL(errored, 0) >= 10, 100 * FILL(errored, 0) / (FILL(errored, 0) + FILL(processed, 0)), 0)',
        { errored: ended('ERRORED'), processed: ended('PROCESSED') },
        Duration.minutes(15),
      ),
      above: 20,
      minutes: 15,
    },
  ];
}

/** Latency of all requests. Validate and status take about ten milliseconds, a cold start about a second. */
function latency({ api }: MonitoredResources): Signal {
  return {
    id: 'slow-answers',
    title: 'Milliseconds that the slowest 5 % of answers take',
    meaning: 'One request in twenty takes longer than two seconds.',
    metric: api.metricLatency({ period: Duration.minutes(5), statistic: 'p95' }),
    above: 2000,
    minutes: 15,
  };
}

function throttles({ functions, tables, indexes }: MonitoredResources): Signal[] {
  const period = Duration.minutes(1);
  return [
    {
      id: 'functions-throttled',
      title: 'Throttled calls of functions',
      meaning: 'Lambda refuses calls: requests fail, or imports wait.',
      metric: sum(
        'throttled calls',
        functions.map((each) => each.metricThrottles({ period })),
        period,
      ),
      above: 10,
      minutes: 5,
    },
    {
      id: 'tables-throttled',
      title: 'Throttled requests to tables',
      meaning: 'DynamoDB refuses requests: answers are 503, or imports wait.',
      metric: sum(
        'throttled requests',
        tables.flatMap((table) => throttledRequests(table, period)),
        period,
      ),
      above: 10,
      minutes: 5,
    },
    {
      id: 'indexes-throttled',
      title: 'Throttled requests to indexes',
      meaning:
        'DynamoDB refuses writes because of an index, or queries of it: drops are read slower, or lists are 503.',
      metric: sum(
        'throttled requests',
        indexes.flatMap((index) => throttledIndexRequests(index, period)),
        period,
      ),
      above: 10,
      minutes: 5,
    },
  ];
}

function sweeps({ sweeper }: MonitoredResources): Signal {
  const period = Duration.minutes(1);
  return {
    id: 'sweeper-stopped',
    title: 'Sweeps that came to their end',
    meaning:
      'For five minutes no sweep came to its end: imports that wait for their window, or whose message was lost, stay PENDING.',
    metric: expression(
      'sweeps',
      'runs - failed',
      { runs: sweeper.metricInvocations({ period }), failed: sweeper.metricErrors({ period }) },
      period,
    ),
    below: 1,
    minutes: 5,
    isAlarmingWhenMissing: true,
  };
}
