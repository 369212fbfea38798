import { Duration } from 'aws-cdk-lib';
import { type IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Encryption } from './encryption.ts';
import { RETENTION_DAYS_MAX } from './limits.ts';

type ServiceQueueProps = {
  encryption: Encryption;
  /** The timeout of the function that consumes the queue. */
  consumerTimeoutSeconds: number;
  /** Receives messages after `maxReceiveCount` deliveries. Absent for a dead-letter queue itself. */
  deadLetterQueue?: { queue: IQueue; maxReceiveCount: number };
};

/**
 * Adds a queue of the service. Its messages are kept as long as possible, and become visible again after six times the consumer's
 * timeout (source: Lambda, "Configuring a queue to use with Lambda").
 */
export function serviceQueue(
  scope: Construct,
  name: string,
  { encryption, consumerTimeoutSeconds, deadLetterQueue }: ServiceQueueProps,
): Queue {
  return new Queue(scope, name, {
    visibilityTimeout: Duration.seconds(6 * consumerTimeoutSeconds),
    retentionPeriod: Duration.days(RETENTION_DAYS_MAX),
    ...encryption.queues,
    enforceSSL: true,
    ...(deadLetterQueue && { deadLetterQueue }),
  });
}
