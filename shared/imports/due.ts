import { SEND_DELAY_SECONDS_MAX } from '../aws/send-messages.ts';
import type { ImportKey } from './import-process.ts';
import { SHARDS, shardOf } from './shards.ts';

/**
 * How long after an import was sent the sweeper sends it again, if it is still not finished. Long enough that a healthy
 * queue is through, short enough that a lost message is no more than a pause.
 */
export const RESEND_AFTER_SECONDS = 120;

/**
 * The same where the message may rightly take its time: it came in a drop, whose queue of a million is healthy; it was
 * sent with a delay, which is never longer; or it was sent again already, and a queue that is behind must not be fed
 * its backlog once more.
 */
export const RESEND_SLOW_AFTER_SECONDS = 900;

/** The `due` index's partition of an import that waits for its start: `<import supplier>#<shard>`. */
export function dueShard({ importSupplier, externalIdentifier }: ImportKey): string {
  return `${importSupplier}#${shardOf(externalIdentifier)}`;
}

/** All of a supplier's `due` partitions. */
export function dueShards(importSupplier: string): string[] {
  return SHARDS.map((shard) => `${importSupplier}#${shard}`);
}

/** Whether an import that starts at `start` is sent at once, and with what delay; otherwise the sweeper sends it. */
export function sendPlan(start: number, now: number): { send: true; delaySeconds: number } | { send: false } {
  const delaySeconds = Math.max(0, Math.ceil((start - now) / 1000));
  return delaySeconds <= SEND_DELAY_SECONDS_MAX ? { send: true, delaySeconds } : { send: false };
}
