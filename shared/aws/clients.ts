import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { AdaptiveRetryStrategy } from './adaptive-retry-strategy.ts';

/**
 * Time-outs in ms and the number of attempts of one call. The SDK has no request time-out by default, so a function would run into
 * its own time-out without logging an error. All attempts together stay under every function's time-out.
 */
const LIMITS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_500, throwOnRequestTimeout: true },
};

/**
 * Creates a DynamoDB client that takes and returns plain objects. Create it once, at module scope, so that invocations reuse its
 * connections. The SDK reads region, credentials and AWS_ENDPOINT_URL_DYNAMODB from the environment.
 */
export function dynamoDB(): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(new DynamoDBClient(LIMITS), {
    marshallOptions: { removeUndefinedValues: true },
  });
}

/**
 * Creates a DynamoDB client for functions that no caller waits for. While DynamoDB throttles it, the client limits the rate of its requests
 * ({@link AdaptiveRetryStrategy}).
 */
export function adaptiveDynamoDB(maxAttempts: number): DynamoDBDocumentClient {
  const retryStrategy = new AdaptiveRetryStrategy(maxAttempts);
  const client = new DynamoDBClient({ ...LIMITS, maxAttempts, retryStrategy });
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}

/** Creates an SQS client, as {@link dynamoDB} does for DynamoDB. */
export function sqs(): SQSClient {
  return new SQSClient(LIMITS);
}

/** Creates an EventBridge client, as {@link dynamoDB} does for DynamoDB. */
export function eventBridge(): EventBridgeClient {
  return new EventBridgeClient(LIMITS);
}

/**
 * Creates an S3 client, as {@link dynamoDB} does for DynamoDB. The request time-out is longer, because a request may carry megabytes.
 * Only emulators are addressed path-style: their buckets have no DNS names, and AWS advises against paths (source: S3, "Virtual hosting
 * of general purpose buckets").
 */
export function s3(): S3Client {
  return new S3Client({
    ...LIMITS,
    requestHandler: { ...LIMITS.requestHandler, requestTimeout: 20_000 },
    forcePathStyle: process.env['AWS_ENDPOINT_URL_S3'] !== undefined,
  });
}
