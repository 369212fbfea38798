import { SEND_DELAY_SECONDS_MAX } from '../../aws/send-messages.ts';
import type { ImportKey } from './import-process.ts';
import { SHARDS, shardOf } from './shards.ts';

/**
 * Seconds after which the sweeper sends an unfinished import again. A healthy queue is processed within this time, and a lost
 * message delays an import by no more than this.
 */
export const RESEND_AFTER_SECONDS = 120;

/**
 * The same for messages that may take longer: those of a drop, whose queue may hold a million; those sent with a delay, which
 * is at most this long; and those sent again already, because a queue with a backlog must not receive it a second time.
 */
export const RESEND_SLOW_AFTER_SECONDS = 900;

/** Returns an import's partition in the `due` index: `<import supplier>#<shard>`. */
export function dueShard({ importSupplier, externalIdentifier }: ImportKey): string {
  return `${importSupplier}#${shardOf(externalIdentifier)}`;
}

/** Returns all of a supplier's partitions in the `due` index. */
export function dueShards(importSupplier: string): string[] {
  return SHARDS.map((shard) => `${importSupplier}#${shard}`);
}

/**
 * Returns the delay with which the message of an import that starts at `start` is sent now. Returns undefined if a queue cannot delay it
 * so long: then the sweeper sends it. Both times are epoch ms.
 */
export function sendDelaySeconds(start: number, now: number): number | undefined {
  const delaySeconds = Math.max(0, Math.ceil((start - now) / 1000));
  return delaySeconds <= SEND_DELAY_SECONDS_MAX ? delaySeconds : undefined;
}
