import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** A message; `group` has SQS share a queue's consumers fairly between groups ("fair queues", on a standard queue). */
export type OutgoingMessage = { body: string; group: string; delaySeconds: number };

/** Longest delay of a message (source: Amazon SQS quotas, "Message delay": 15 minutes). */
export const SEND_DELAY_SECONDS_MAX = 900;
/** Messages in one SendMessageBatch (source: Amazon SQS quotas). */
const BATCH_MESSAGES_MAX = 10;
/** Batches that are sent at a time. */
const BATCHES_AT_ONCE_MAX = 8;
/** How often what SQS gave back unsent is sent again at once. */
const SEND_TRIES_MAX = 3;

/** Thrown when SQS did not take all messages; some may have been sent. */
export class SomeMessagesNotSent extends Error {
  override name = 'SomeMessagesNotSent';
}

/**
 * Sends messages, ten in a batch, eight batches at a time.
 *
 * @throws SomeMessagesNotSent, and what the SDK throws.
 */
export async function sendMessages(
  client: SQSClient,
  queueUrl: string,
  messages: readonly OutgoingMessage[],
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < messages.length) {
      const from = next;
      next += BATCH_MESSAGES_MAX;
      await sendBatch(client, queueUrl, messages.slice(from, next));
    }
  };
  await Promise.all(Array.from({ length: BATCHES_AT_ONCE_MAX }, lane));
}

async function sendBatch(
  client: SQSClient,
  queueUrl: string,
  messages: readonly OutgoingMessage[],
): Promise<void> {
  let entries = messages.map(({ body, group, delaySeconds }, index) => ({
    Id: String(index),
    MessageBody: body,
    DelaySeconds: delaySeconds,
    MessageGroupId: group,
  }));
  for (let tried = 0; tried < SEND_TRIES_MAX && entries.length > 0; tried += 1) {
    const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
    const failed = new Set(answer.Failed?.map(({ Id }) => Id));
    entries = entries.filter(({ Id }) => failed.has(Id));
  }
  if (entries.length > 0) throw new SomeMessagesNotSent(`SQS did not take ${entries.length} messages.`);
}
