import type { SQSClient } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { sendMessages } from '../../aws/send-messages.ts';
import type { ImportKey, Lane } from '../model/import-process.ts';

/**
 * The message for one import. It has the key and the attempt, never the payload. A late message names an earlier attempt and is
 * ignored. Unknown fields are allowed, because senders and workers are deployed separately.
 */
export const ImportMessage = v.object({
  import_supplier: v.string(),
  external_identifier: v.string(),
  attempt: v.pipe(v.number(), v.integer()),
});

/** An import to be processed after a delay of at most 900 seconds. */
export type QueuedImport = { key: ImportKey; attempt: number; delaySeconds: number };

export type ImportQueue = ReturnType<typeof importQueue>;
export type ImportQueues = Readonly<Record<Lane, ImportQueue>>;

/** Returns a client of an import queue. Each supplier is a message group of its own. */
export function importQueue(client: SQSClient, queueUrl: string) {
  return {
    /** @throws SomeMessagesNotSent, and errors of the SDK. */
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
 * Parses a message's body.
 *
 * @throws SyntaxError, v.ValiError if the body is not an import's message.
 */
export function readImportMessage(body: string): { key: ImportKey; attempt: number } {
  const message = v.parse(ImportMessage, JSON.parse(body));
  const key = { importSupplier: message.import_supplier, externalIdentifier: message.external_identifier };
  return { key, attempt: message.attempt };
}
