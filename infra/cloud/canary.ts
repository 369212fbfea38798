import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { LambdaApplication, LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
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
  new LambdaDeploymentGroup(alias, 'deployment', {
    ...sharedBy(Stack.of(alias)),
    alias,
    deploymentConfig: CONFIGS[canaryMinutes],
    alarms: [alarm],
    autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: true },
  });
}

/**
 * Returns the application and the role of all deployment groups of a stack, which it creates for the first. One of each for every function
 * would bring the stack near CloudFormation's limit of 500 resources.
 */
function sharedBy(stack: Stack): { application: LambdaApplication; role: Role } {
  const found = shared.get(stack);
  if (found !== undefined) return found;
  // LambdaDeploymentGroup adds the managed policy that is acknowledged here.
  const role = new Role(stack, 'deployment-role', {
    assumedBy: new ServicePrincipal('codedeploy.amazonaws.com'),
  });
  acknowledge(role, {
    'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]':
      'It is AWS’s policy for this very task.',
  });
  const made = { application: new LambdaApplication(stack, 'deployments'), role };
  shared.set(stack, made);
  return made;
}
const shared = new WeakMap<Stack, { application: LambdaApplication; role: Role }>();

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
