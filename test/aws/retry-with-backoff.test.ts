import { expect, it } from 'vitest';
import { sqs } from '../../shared/aws/clients.ts';
import { retryWithBackoff } from '../../shared/aws/retry-with-backoff.ts';
import { jsonService } from './json-service.ts';

it('retryWithBackoff doubles the delay of a message with each receive, up to 15 minutes', async () => {
  await using service = await jsonService(() => ({}));
  const retry = retryWithBackoff(sqs(), `${service.url}/0/queue`);
  for (const receives of [1, 2, 3, 9, 10, 1000])
    await retry({ receiptHandle: `handle ${receives}`, receives });
  expect(service.inputs.map(({ VisibilityTimeout }) => VisibilityTimeout)).toEqual([2, 4, 8, 512, 900, 900]);
  expect(service.inputs[2]).toMatchObject({ QueueUrl: `${service.url}/0/queue`, ReceiptHandle: 'handle 3' });
});
