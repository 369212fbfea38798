import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  Architecture,
  type Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Environment } from '../environments.ts';

export type ServiceFunctionProps = {
  code: (name: string) => Code;
  environment: Environment;
  timeoutSeconds: number;
  memoryMiB: number;
  variables?: Record<string, string>;
};

/** One of our functions, named as its file in `functions/`; its log has a retention, and it may do nothing but log. */
export class ServiceFunction extends LambdaFunction {
  constructor(scope: Construct, name: string, props: ServiceFunctionProps) {
    super(scope, name, {
      code: props.code(name),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: Duration.seconds(props.timeoutSeconds),
      memorySize: props.memoryMiB,
      environment: { ...props.variables, POWERTOOLS_SERVICE_NAME: name },
      loggingFormat: LoggingFormat.JSON,
      logGroup: new LogGroup(scope, `${name}-log`, {
        retention: props.environment.logRetentionDays as RetentionDays,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    });
  }
}
