import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Environment } from '../../infra/environment.ts';

/** Creates the AWS clients, for the row's region or else the SDK's default region. */
export function clientsFor({ region }: Pick<Environment, 'region'>) {
  const settings = region === undefined ? {} : { region };
  return {
    apiGateway: new APIGatewayClient(settings),
    cloudFormation: new CloudFormationClient(settings),
    codeDeploy: new CodeDeployClient(settings),
    dynamoDB: new DynamoDBClient(settings),
    eventBridge: new EventBridgeClient(settings),
    lambda: new LambdaClient(settings),
    // Emulators have no host name for each bucket.
    s3: new S3Client({ ...settings, forcePathStyle: process.env['AWS_ENDPOINT_URL_S3'] !== undefined }),
    sns: new SNSClient(settings),
    sqs: new SQSClient(settings),
  };
}
export type Clients = ReturnType<typeof clientsFor>;
