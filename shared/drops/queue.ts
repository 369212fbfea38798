import type { SQSClient } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { sendMessages } from '../aws/send-messages.ts';

const part = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A task of a drop. Messages contain ids and positions, never rows. Unknown fields are ignored. */
export const DropTask = v.variant('task', [
  /** Reads the byte range from `start` to `end` (exclusive). */
  v.object({ task: v.literal('range'), drop: v.string(), part, start: v.number(), end: v.number() }),
  /** Reads a stream from a row on. `line` is 1-based; `offset` counts bytes of the decompressed file. */
  v.object({ task: v.literal('stream'), drop: v.string(), part, offset: v.number(), line: v.number() }),
  /** Writes the report after all parts were read. */
  v.object({ task: v.literal('report'), drop: v.string() }),
  /** Writes the corrected file after the report. */
  v.object({ task: v.literal('correct'), drop: v.string() }),
  /** Follows the imports that a part accepted. Those before index `from` are final. `waits` counts the checks without progress since. */
  v.object({
    task: v.literal('follow'),
    drop: v.string(),
    part,
    from: v.number(),
    waits: v.number(),
    /** The last attempt: the part's imports are no longer followed. */
    given_up: v.optional(v.literal(true)),
  }),
]);
export type DropTask = v.InferOutput<typeof DropTask>;

export type DropQueue = ReturnType<typeof dropQueue>;

/** The queue of drop tasks. The message group is the import supplier, because SQS fair queues share the consumers between groups. */
export function dropQueue(client: SQSClient, queueUrl: string) {
  return {
    /**
     * @param hops the tasks' position in their chain (task-chain.ts)
     * @throws SomeMessagesNotSent and the SDK's errors. The caller must retry.
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

/** A task's position in its chain: the number of tasks before it, each sent by its predecessor. */
const Chained = v.object({ hops: v.optional(v.number(), 0) });
type Chained = v.InferOutput<typeof Chained>;

/** Returns a message's position in its chain; 0 if it has none, as notifications. @throws SyntaxError if it is not JSON. */
export const readHops = (body: string): number => v.parse(Chained, JSON.parse(body)).hops;

/** Parses a message's body. @throws SyntaxError, v.ValiError if it is not a task. */
export const readDropTask = (body: string): DropTask => v.parse(DropTask, JSON.parse(body));
