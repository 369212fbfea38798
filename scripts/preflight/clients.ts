import { ACMClient } from '@aws-sdk/client-acm';
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import type { Environment } from '../../infra/environment.ts';

/** Creates the AWS clients, for the row's region or else the SDK's default region. */
export function clientsFor({ region }: Pick<Environment, 'region'>) {
  const settings = region === undefined ? {} : { region };
  return {
    sts: new STSClient(settings),
    ssm: new SSMClient(settings),
    cloudFormation: new CloudFormationClient(settings),
    apiGateway: new APIGatewayClient(settings),
    lambda: new LambdaClient(settings),
    acm: new ACMClient(settings),
    sns: new SNSClient(settings),
  };
}
export type Clients = ReturnType<typeof clientsFor>;
