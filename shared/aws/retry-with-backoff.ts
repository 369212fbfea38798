import { ChangeMessageVisibilityCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** Longest delay before a message is redelivered. */
const DELAY_SECONDS_MAX = 900;

/** A message to redeliver. `receives` counts how often it was received, the first time being 1. */
export type FailedMessage = { receiptHandle: string; receives: number };

/**
 * Redelivers a failed message after two seconds, and after twice as long each time, up to 15 minutes. Without this it would be redelivered
 * when its visibility timeout ends, which is long enough for a whole run: Lambda does not change the visibility of messages that a function
 * reports as failed (source: Lambda guide, "Handling errors for an SQS event source").
 *
 * @throws what the SDK throws: the message is then redelivered when its visibility timeout ends
 */
export function retryWithBackoff(client: SQSClient, queueUrl: string) {
  return async ({ receiptHandle, receives }: FailedMessage): Promise<void> => {
    const seconds = Math.min(2 ** receives, DELAY_SECONDS_MAX);
    await client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: queueUrl,
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: seconds,
      }),
    );
  };
}
