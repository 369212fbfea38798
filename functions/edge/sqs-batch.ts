import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { FailedMessage } from '../../shared/aws/retry-with-backoff.ts';
import { describeError, log } from './log.ts';

/** Thrown to have a message redelivered when it cannot be processed yet. Logged as information, because it is not a failure. */
export class RetryLater extends Error {
  override name = 'RetryLater';
}

/**
 * `now`: the time at which processing starts (epoch ms). `delivery`: a unique identifier of this delivery. `remainingMs`: time until the
 * function's timeout (ms).
 */
type MessageContext = { now: number; delivery: string; remainingMs: () => number };

/**
 * Makes a handler for an SQS queue. It processes the messages of a batch concurrently and reports the failed ones, so SQS redelivers only
 * those (needs ReportBatchItemFailures on the event source mapping).
 *
 * @param processMessage processes one message's body
 * @param finish handles the results of all messages that succeeded, in one call; returns one settled result for each, in order
 * @param retry has a failed message redelivered before its visibility timeout ends
 */
export function sqsBatch<Result = void>(
  processMessage: (body: string, context: MessageContext) => Promise<Result>,
  finish: (results: Result[]) => Promise<PromiseSettledResult<void>[]> = async () => [],
  retry: (message: FailedMessage) => Promise<void> = async () => {},
) {
  return middy<SQSEvent, SQSBatchResponse, Error, Context>()
    .use({ before: ({ context }) => log.addContext(context) })
    .handler(async ({ Records }: SQSEvent, context) => {
      const processed = await Promise.allSettled(
        Records.map(async ({ body, messageId }) =>
          processMessage(body, {
            now: Date.now(),
            delivery: `${context.awsRequestId}/${messageId}`,
            remainingMs: () => context.getRemainingTimeInMillis(),
          }),
        ),
      );
      const finished = await finish(
        processed.filter((result) => result.status === 'fulfilled').map(({ value }) => value),
      );
      const results = processed.map((result) =>
        result.status === 'fulfilled' ? (finished.shift() ?? result) : result,
      );
      const failed = Records.filter((_, index) => results[index]!.status === 'rejected');
      for (const result of results) {
        if (result.status === 'rejected') logFailure(result.reason);
      }
      const retried = await Promise.allSettled(
        failed.map(({ receiptHandle, attributes }) =>
          retry({ receiptHandle, receives: Number(attributes?.ApproximateReceiveCount ?? 1) }),
        ),
      );
      for (const result of retried) {
        if (result.status === 'rejected')
          log.warn('message left to its visibility timeout', { error: describeError(result.reason) });
      }
      return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    });
}

function logFailure(reason: unknown): void {
  if (reason instanceof RetryLater) log.info('message put back', { reason: reason.message });
  else log.error('message failed', { error: describeError(reason) });
}
