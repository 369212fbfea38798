import { Duration } from 'aws-cdk-lib';
import { Alarm, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import type { Alias } from 'aws-cdk-lib/aws-lambda';
import type { Environment } from '../environment.ts';
import { acknowledge } from './findings.ts';

/** Errors in one minute that roll a deployment back. Fewer may be transient errors. */
const ERRORS_MAX = 3;

const CONFIGS = {
  5: LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
  10: LambdaDeploymentConfig.CANARY_10PERCENT_10MINUTES,
  15: LambdaDeploymentConfig.CANARY_10PERCENT_15MINUTES,
  30: LambdaDeploymentConfig.CANARY_10PERCENT_30MINUTES,
} as const;

/** Adds a CodeDeploy canary deployment to a function's alias, with rollback on errors. Does nothing without `canaryMinutes`. */
export function addCanary(alias: Alias, { canaryMinutes }: Environment): void {
  if (canaryMinutes === undefined) return;
  const alarm = new Alarm(alias, 'new-version-errors', {
    alarmDescription: 'The version that is being deployed fails: CodeDeploy undoes the deployment.',
    metric: versionErrors(alias),
    threshold: ERRORS_MAX,
    evaluationPeriods: 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  acknowledge(alarm, {
    'NIST.800.53.R5-CloudWatchAlarmAction':
      'CodeDeploy watches it during a deployment, which then fails in the pipeline.',
  });
  const group = new LambdaDeploymentGroup(alias, 'deployment', {
    alias,
    deploymentConfig: CONFIGS[canaryMinutes],
    alarms: [alarm],
    autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: true },
  });
  acknowledge(group, {
    'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]':
      'It is AWS’s policy for this very task.',
  });
}

/** Errors of the new version only (source: Lambda, "Types of metrics", ExecutedVersion). */
const versionErrors = ({ lambda: { functionName }, aliasName, version: { version } }: Alias): Metric =>
  new Metric({
    namespace: 'AWS/Lambda',
    metricName: 'Errors',
    dimensionsMap: {
      FunctionName: functionName,
      Resource: `${functionName}:${aliasName}`,
      ExecutedVersion: version,
    },
    statistic: 'Sum',
    period: Duration.minutes(1),
  });
