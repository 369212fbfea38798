import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/**
 * How long one call may take before it is given up and tried again, and how often. Without them the SDK waits for ever,
 * and a function ends at its time-out with nothing said; together they stay under every function's time-out.
 */
const LIMITS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_500, throwOnRequestTimeout: true },
};

/**
 * DynamoDB with plain objects in and out. Made once a function instance, at module scope: connections are reused.
 * Region, credentials and AWS_ENDPOINT_URL_DYNAMODB come from the environment, as the SDK reads them.
 */
export function dynamoDB(): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(new DynamoDBClient(LIMITS), {
    marshallOptions: { removeUndefinedValues: true },
  });
}

/**
 * DynamoDB for functions that work while nobody waits: it slows down where it is throttled and speeds up again, by a rate of its own that
 * the SDK keeps for each client (source: AWS SDKs reference, "Retry behavior", adaptive mode). Each attempt after a throttled one waits
 * up to twice as long as the one before, from half a second on.
 */
export function patientDynamoDB(maxAttempts: number): DynamoDBDocumentClient {
  const client = new DynamoDBClient({ ...LIMITS, retryMode: 'adaptive', maxAttempts });
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}

/** SQS, as {@link dynamoDB}. */
export function sqs(): SQSClient {
  return new SQSClient(LIMITS);
}

/** EventBridge, as {@link dynamoDB}. */
export function eventBridge(): EventBridgeClient {
  return new EventBridgeClient(LIMITS);
}

/**
 * S3, as {@link dynamoDB}, but with more time for a request: it may carry megabytes. Only an emulator is addressed path-style, because
 * its buckets have no names in DNS; AWS advises against it (source: S3, "Virtual hosting of general purpose buckets").
 */
export function s3(): S3Client {
  return new S3Client({
    ...LIMITS,
    requestHandler: { ...LIMITS.requestHandler, requestTimeout: 20_000 },
    forcePathStyle: process.env['AWS_ENDPOINT_URL_S3'] !== undefined,
  });
}
