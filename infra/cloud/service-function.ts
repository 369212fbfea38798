import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Alias,
  Architecture,
  type Code,
  type IAlias,
  type IEventSource,
  type IVersion,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Environment } from '../environment.ts';
import { addCanary } from './canary.ts';
import type { Encryption } from './encryption.ts';
import { acknowledge } from './findings.ts';

/** Props that all functions share. */
export type FunctionDefaults = {
  code: (name: string) => Code;
  environment: Environment;
  encryption: Encryption;
};

export type ServiceFunctionProps = FunctionDefaults & {
  timeoutSeconds: number;
  memoryMiB: number;
  variables?: Record<string, string>;
};

/** The namespace of an environment's metrics. */
export const metricsNamespace = ({ name }: Environment): string => `supply-point-import-${name}`;

/**
 * A Lambda function, named after its file in `functions/`, with a log group with retention and with tracing. Its role allows only logs and
 * traces until the caller grants more. Callers invoke the alias {@link live}, which each deployment points to a new version.
 */
export class ServiceFunction extends LambdaFunction {
  /** The alias that callers and event sources invoke. */
  readonly live: IAlias;

  constructor(scope: Construct, name: string, props: ServiceFunctionProps) {
    const { environment, encryption } = props;
    const logGroup = new LogGroup(scope, `${name}-log`, {
      // CDK's RetentionDays is an enumeration of these numbers.
      retention: environment.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
      ...encryption.ownKey,
    });
    // CDK's default role could write to every log group of the account.
    const role = new Role(scope, `${name}-role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    super(scope, name, {
      role,
      logGroup,
      code: props.code(name),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: Duration.seconds(props.timeoutSeconds),
      memorySize: props.memoryMiB,
      environment: {
        ...props.variables,
        POWERTOOLS_SERVICE_NAME: name,
        METRICS_NAMESPACE: metricsNamespace(environment),
      },
      loggingFormat: LoggingFormat.JSON,
      // Suppresses the START and REPORT lines of successful invocations. Failures and timeouts are still logged (source: Lambda, "Log-level
      // filtering"), and durations are metrics.
      systemLogLevelV2: SystemLogLevel.WARN,
      tracing: Tracing.ACTIVE,
      // Earlier versions are retained for a rollback of the alias (docs/operations.md, "Go back to an earlier version").
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE },
    });
    // The casts here and for `live`: CDK's classes do not match its interfaces under exactOptionalPropertyTypes.
    const alias = new Alias(this, 'live', { aliasName: 'live', version: this.currentVersion as IVersion });
    addCanary(alias, environment);
    this.live = alias as IAlias;
    acknowledge(role, {
      'AwsSolutions-IAM5[Resource::*]': 'X-Ray’s write actions support no resource-level permissions.',
      'NIST.800.53.R5-IAMNoInlinePolicy': 'The policy belongs to one function and is deleted with it.',
    });
    acknowledge(this, {
      'NIST.800.53.R5-LambdaConcurrency':
        'Event sources and the API limit concurrency. Reserved concurrency would reduce that of other functions in the account.',
      'NIST.800.53.R5-LambdaDLQ':
        'Functions are invoked synchronously or by a queue with a dead-letter queue. The sweeper’s next run replaces a failed one.',
      'NIST.800.53.R5-LambdaInsideVPC':
        'Functions call only public AWS endpoints, over TLS and with IAM. They need nothing in a VPC.',
    });
    if (encryption.key === undefined) {
      acknowledge(logGroup, {
        'NIST.800.53.R5-CloudWatchLogGroupEncrypted':
          'The environment has no key of its own. CloudWatch encrypts with a key of AWS.',
      });
    }
  }
  /** Connects the event source to the alias. */
  override addEventSource(source: IEventSource): void {
    source.bind(this.live);
  }
}
