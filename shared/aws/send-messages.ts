import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { mapConcurrently } from '../map-concurrently.ts';

/**
 * A message. SQS shares the consumers of a standard queue fairly between the values of `group` (source: Amazon SQS, "Amazon SQS fair
 * queues").
 */
export type OutgoingMessage = { body: string; group: string; delaySeconds: number };

/** Longest delay of a message (source: Amazon SQS quotas, "Message delay": 15 minutes). */
export const SEND_DELAY_SECONDS_MAX = 900;
/** Messages in one SendMessageBatch (source: Amazon SQS quotas). */
const BATCH_MESSAGES_MAX = 10;
/** Batches that are sent concurrently. */
const CONCURRENT_BATCHES_MAX = 8;
/** Attempts to send an entry that SQS rejected, without a pause between them. */
const ATTEMPTS_MAX = 3;

/** Thrown when SQS rejected some messages in every attempt. The others were sent. */
export class SomeMessagesNotSent extends Error {
  override name = 'SomeMessagesNotSent';
}

/**
 * Sends messages in batches of ten, eight batches concurrently, and retries the entries that SQS rejects.
 *
 * @throws SomeMessagesNotSent, and what the SDK throws: some messages may have been sent
 */
export async function sendMessages(
  client: SQSClient,
  queueUrl: string,
  messages: readonly OutgoingMessage[],
): Promise<void> {
  const batches = Array.from({ length: Math.ceil(messages.length / BATCH_MESSAGES_MAX) }, (_, index) =>
    messages.slice(index * BATCH_MESSAGES_MAX, (index + 1) * BATCH_MESSAGES_MAX),
  );
  await mapConcurrently(batches, CONCURRENT_BATCHES_MAX, (batch) => sendBatch(client, queueUrl, batch));
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
  for (let attempt = 1; attempt <= ATTEMPTS_MAX && entries.length > 0; attempt += 1) {
    const { Failed = [] } = await client.send(
      new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }),
    );
    const failed = new Set(Failed.map(({ Id }) => Id));
    entries = entries.filter(({ Id }) => failed.has(Id));
  }
  if (entries.length > 0) throw new SomeMessagesNotSent(`SQS rejected ${entries.length} messages.`);
}
