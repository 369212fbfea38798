import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import type { ImportKey } from './import-process.ts';

/**
 * The message that has an import worked on. It carries the key, never the payload, and the attempt it is about, so
 * that a late one finds out. Unknown fields are tolerated: senders and workers deploy separately.
 */
export const ImportMessage = v.object({
  import_supplier: v.string(),
  external_identifier: v.string(),
  attempt: v.pipe(v.number(), v.integer()),
});

/** An import to be worked on, and after how many seconds (at most 900). */
export type QueuedImport = { key: ImportKey; attempt: number; delaySeconds: number };

/** Messages in one SendMessageBatch (source: Amazon SQS quotas). */
const BATCH_MESSAGES_MAX = 10;
/** How often what SQS gave back unsent is sent again at once; then it is the sweeper's. */
const SEND_TRIES_MAX = 3;

/** Thrown when SQS did not take all messages. Deliberately not fatal to a submission: the sweeper sends what is due again. */
export class SomeMessagesNotSent extends Error {
  override name = 'SomeMessagesNotSent';
}

export type ImportQueue = ReturnType<typeof importQueue>;

/** The queue of imports to be worked on. */
export function importQueue(client: SQSClient, queueUrl: string) {
  return {
    /** @throws SomeMessagesNotSent, and what the SDK throws. */
    async send(imports: readonly QueuedImport[]): Promise<void> {
      for (let from = 0; from < imports.length; from += BATCH_MESSAGES_MAX) {
        await sendBatch(client, queueUrl, imports.slice(from, from + BATCH_MESSAGES_MAX));
      }
    },
  };
}

async function sendBatch(
  client: SQSClient,
  queueUrl: string,
  imports: readonly QueuedImport[],
): Promise<void> {
  let entries = imports.map((queued, index) => ({
    Id: String(index),
    MessageBody: messageBody(queued),
    DelaySeconds: queued.delaySeconds,
    // A group a supplier: SQS then shares the workers fairly between them ("fair queues", on a standard queue).
    MessageGroupId: queued.key.importSupplier,
  }));
  for (let tried = 0; tried < SEND_TRIES_MAX && entries.length > 0; tried += 1) {
    const { Failed = [] } = await client.send(
      new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }),
    );
    const failed = new Set(Failed.map(({ Id }) => Id));
    entries = entries.filter(({ Id }) => failed.has(Id));
  }
  if (entries.length > 0) throw new SomeMessagesNotSent(`SQS did not take ${entries.length} messages.`);
}

function messageBody({ key, attempt }: QueuedImport): string {
  return JSON.stringify({
    import_supplier: key.importSupplier,
    external_identifier: key.externalIdentifier,
    attempt,
  } satisfies v.InferInput<typeof ImportMessage>);
}

/**
 * Reads a message's body.
 *
 * @throws SyntaxError, v.ValiError where it is no import's message.
 */
export function readImportMessage(body: string): { key: ImportKey; attempt: number } {
  const message = v.parse(ImportMessage, JSON.parse(body));
  const key = { importSupplier: message.import_supplier, externalIdentifier: message.external_identifier };
  return { key, attempt: message.attempt };
}
