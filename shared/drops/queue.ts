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
    /** It is tried for the last time, with what is known. */
    given_up: v.optional(v.literal(true)),
  }),
]);
export type DropTask = v.InferOutput<typeof DropTask>;

export type DropQueue = ReturnType<typeof dropQueue>;

/** The queue of what is to be done for drops, in message groups by supplier: SQS shares the readers fairly between them. */
export function dropQueue(client: SQSClient, queueUrl: string) {
  return {
    /**
     * @param hops the tasks' place in their chain (task-chain.ts)
     * @throws SomeMessagesNotSent, and what the SDK throws: the caller is to be run again.
     */
    send(importSupplier: string, tasks: readonly DropTask[], delaySeconds = 0, hops = 0): Promise<void> {
      const messages = tasks.map((task) => ({
        body: JSON.stringify({ ...task, hops } satisfies DropTask & Chained),
        group: importSupplier,
        delaySeconds,
      }));
      return sendMessages(client, queueUrl, messages);
    },
  };
}

/** A task's place in its chain: how many tasks before it were each sent by the one before. */
const Chained = v.object({ hops: v.optional(v.number(), 0) });
type Chained = v.InferOutput<typeof Chained>;

/** The place in its chain that a message names; 0 for one that names none, such as a notification. @throws SyntaxError where it is no JSON. */
export const readHops = (body: string): number => v.parse(Chained, JSON.parse(body)).hops;

/** @throws SyntaxError, v.ValiError where it is no task. */
export const readDropTask = (body: string): DropTask => v.parse(DropTask, JSON.parse(body));
