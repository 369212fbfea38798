import type { SQSClient } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { sendMessages } from '../aws/send-messages.ts';

const part = v.pipe(v.number(), v.integer(), v.minValue(0));

/** What is to be done for a drop. Messages carry keys and places, never rows; unknown fields are tolerated. */
export const DropTask = v.variant('task', [
  /** Read the bytes from `start` to `end` (exclusive) of a file that is cut into ranges. */
  v.object({ task: v.literal('range'), drop: v.string(), part, start: v.number(), end: v.number() }),
  /** Read a stream from a row on: `line` is 1-based, `offset` in bytes of what is in the file once unpacked. */
  v.object({ task: v.literal('stream'), drop: v.string(), part, offset: v.number(), line: v.number() }),
  /** Write the report: every part was read. */
  v.object({ task: v.literal('report'), drop: v.string() }),
  /** See how the imports ended that a part accepted: those before the n-th have ended, which was looked at so often in vain. */
  v.object({
    task: v.literal('follow'),
    drop: v.string(),
    part,
    from: v.number(),
    waits: v.number(),
  }),
]);
export type DropTask = v.InferOutput<typeof DropTask>;

export type DropQueue = ReturnType<typeof dropQueue>;

/** The queue of what is to be done for drops, in message groups by supplier: SQS shares the readers fairly between them. */
export function dropQueue(client: SQSClient, queueUrl: string) {
  return {
    /** @throws SomeMessagesNotSent, and what the SDK throws: the caller is to be run again. */
    send(importSupplier: string, tasks: readonly DropTask[], delaySeconds = 0): Promise<void> {
      const messages = tasks.map((task) => ({
        body: JSON.stringify(task),
        group: importSupplier,
        delaySeconds,
      }));
      return sendMessages(client, queueUrl, messages);
    },
  };
}

/** @throws SyntaxError, v.ValiError where it is no task. */
export const readDropTask = (body: string): DropTask => v.parse(DropTask, JSON.parse(body));
