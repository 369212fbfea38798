import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { FailedMessage } from '../../shared/aws/retry-with-backoff.ts';
import { describeError, log } from './log.ts';

/** Thrown to have a message delivered again: it cannot be dealt with yet, and nothing is wrong with that. */
export class RetryLater extends Error {
  override name = 'RetryLater';
}

/**
 * What enters at the edge with each message: the time (epoch ms), an identifier that no other delivery has, and how long the
 * function may still run (ms).
 */
type MessageContext = { now: number; delivery: string; remainingMs: () => number };

/**
 * A function that an SQS queue triggers. The messages of a batch are worked on side by side, and those that failed are
 * reported one by one, so that only they are delivered again (needs ReportBatchItemFailures on the event source).
 *
 * @param finish what is done with the results of all messages together that did not fail, in one call; answers for each whether that failed
 * @param retry has a message that failed delivered again sooner than its visibility timeout ends
 */
export function sqsBatch<Result = void>(
  work: (body: string, context: MessageContext) => Promise<Result>,
  finish: (results: Result[]) => Promise<PromiseSettledResult<void>[]> = async () => [],
  retry: (message: FailedMessage) => Promise<void> = async () => {},
) {
  return middy<SQSEvent, SQSBatchResponse, Error, Context>()
    .use({ before: ({ context }) => log.addContext(context) })
    .handler(async ({ Records }: SQSEvent, context) => {
      const worked = await Promise.allSettled(
        Records.map(async ({ body, messageId }) =>
          work(body, {
            now: Date.now(),
            delivery: `${context.awsRequestId}/${messageId}`,
            remainingMs: () => context.getRemainingTimeInMillis(),
          }),
        ),
      );
      const finished = await finish(
        worked.filter((result) => result.status === 'fulfilled').map(({ value }) => value),
      );
      const results = worked.map((result) =>
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
