import { ChangeMessageVisibilityCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** Longest wait before a message is delivered again. */
const WAIT_SECONDS_MAX = 900;

/** A message that is to be delivered again, and how often it was received. */
export type FailedMessage = { receiptHandle: string; receives: number };

/**
 * Has a message that failed delivered again in seconds rather than when its visibility timeout ends, which is for runs that died: two
 * seconds after its first delivery, and twice as long after each, up to a quarter of an hour. Lambda leaves the visibility of messages
 * alone that a function reports as failed (source: Lambda guide, "Handling errors for an SQS event source").
 *
 * @throws what the SDK throws: then the message is delivered when its visibility timeout ends.
 */
export function retrySoon(client: SQSClient, queueUrl: string) {
  return async ({ receiptHandle, receives }: FailedMessage): Promise<void> => {
    const seconds = Math.min(2 ** receives, WAIT_SECONDS_MAX);
    await client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: queueUrl,
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: seconds,
      }),
    );
  };
}
