import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IAlarm, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { Encryption } from '../encryption.ts';
import { acknowledge } from '../findings.ts';
import { metricsNamespace } from '../service-function.ts';
import { addDashboard } from './dashboard.ts';
import { type MonitoredResources, type Signal, signalsOf } from './signals.ts';

/** The alarms with their topic, and the dashboard. Each signal has an alarm and a graph. */
export class Operations extends Construct {
  /** The topic that alarms are published to. */
  readonly topic: Topic;

  constructor(scope: Construct, monitored: MonitoredResources, encryption: Encryption) {
    super(scope, 'operations');
    const topic = this.#topic(monitored, encryption);
    this.topic = topic;
    const action = new SnsAction(topic);
    const signals = signalsOf(monitored);
    const alarms = signals.map((signal): IAlarm => {
      const alarm = this.#alarm(monitored, signal);
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
      return alarm;
    });
    addDashboard(this, monitored, signals, alarms);
  }

  #alarm(
    { environment }: MonitoredResources,
    { id, metric, above, below, minutes, ...signal }: Signal,
  ): Alarm {
    const periodMinutes = metricPeriodMinutes(metric);
    return new Alarm(this, id, {
      alarmName: `${metricsNamespace(environment)}-${id}`,
      alarmDescription: `${signal.meaning} What to do: docs/operations.md#${id}`,
      metric,
      threshold: (above ?? below)!,
      comparisonOperator:
        above === undefined
          ? ComparisonOperator.LESS_THAN_THRESHOLD
          : ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: Math.ceil(minutes / periodMinutes),
      treatMissingData: signal.isAlarmingWhenMissing
        ? TreatMissingData.BREACHING
        : TreatMissingData.NOT_BREACHING,
    });
  }

  /** The topic for alarms, with an email subscription if the environment has `alarmEmail`. */
  #topic({ environment }: MonitoredResources, { key }: Encryption): Topic {
    const topic = new Topic(this, 'alarms', { enforceSSL: true, ...(key && { masterKey: key }) });
    // Replaces the default policy, which allows every principal of the account to publish.
    topic.addToResourcePolicy(
      new PolicyStatement({
        actions: ['sns:Publish'],
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    if (environment.alarmEmail !== undefined)
      topic.addSubscription(new EmailSubscription(environment.alarmEmail));
    if (key === undefined) {
      acknowledge(topic, {
        'NIST.800.53.R5-SNSEncryptedKMS':
          'The environment has no key of its own. Alarms contain no personal data.',
      });
    }
    return topic;
  }
}

/** A metric's period in minutes. */
function metricPeriodMinutes(metric: Signal['metric']): number {
  const { metricStat, mathExpression } = metric.toMetricConfig();
  return (metricStat?.period ?? Duration.seconds(mathExpression!.period)).toMinutes();
}
