import type { SQSClient } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { sendMessages } from '../aws/send-messages.ts';
import type { ImportKey, Lane } from './import-process.ts';

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

export type ImportQueue = ReturnType<typeof importQueue>;
export type ImportQueues = Readonly<Record<Lane, ImportQueue>>;

/** A queue of imports to be worked on; each supplier's are a group of their own. */
export function importQueue(client: SQSClient, queueUrl: string) {
  return {
    /** @throws SomeMessagesNotSent, and what the SDK throws. */
    send(imports: readonly QueuedImport[]): Promise<void> {
      const messages = imports.map((queued) => ({
        body: messageBody(queued),
        group: queued.key.importSupplier,
        delaySeconds: queued.delaySeconds,
      }));
      return sendMessages(client, queueUrl, messages);
    },
  };
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
