import type { ImportKey, Lane } from './import-process.ts';

/** Longest delay of a message (source: Amazon SQS quotas, "Message delay": 15 minutes). */
export const SEND_DELAY_SECONDS_MAX = 900;

/**
 * How long after an import's message was to arrive the sweeper sends it again, if it is still not finished. Long
 * enough that a healthy queue is through, short enough that a lost message is no more than a pause.
 */
export const RESEND_AFTER_SECONDS = 120;

/** The same for what came in a drop: a queue of a million is healthy, and takes its time. */
export const RESEND_BULK_AFTER_SECONDS = 900;

/** How long the sweeper then waits before it sends once more: a queue that is behind must not be fed its backlog again. */
export const RESEND_AGAIN_AFTER_SECONDS = 600;

/**
 * Index partitions of a supplier's open imports. One DynamoDB partition takes 1,000 write units a second; eight
 * let one supplier's migration run at several thousand imports a second.
 */
export const DUE_SHARDS_PER_SUPPLIER = 8;

/** The `due` index's partition of an import: `<import supplier>#<shard>`. */
export function dueShard({ importSupplier, externalIdentifier }: ImportKey): string {
  return `${importSupplier}#${fnv1a(externalIdentifier) % DUE_SHARDS_PER_SUPPLIER}`;
}

/** All of a supplier's `due` partitions. */
export function dueShards(importSupplier: string): string[] {
  return Array.from({ length: DUE_SHARDS_PER_SUPPLIER }, (_, shard) => `${importSupplier}#${shard}`);
}

/** Whether an import that starts at `start` is sent at once, and with what delay; otherwise the sweeper sends it. */
export function sendPlan(start: number, now: number): { send: true; delaySeconds: number } | { send: false } {
  const delaySeconds = Math.max(0, Math.ceil((start - now) / 1000));
  return delaySeconds <= SEND_DELAY_SECONDS_MAX ? { send: true, delaySeconds } : { send: false };
}

/** When the sweeper is first to look after an import submitted `now` that starts at `start` (all epoch ms). */
export function firstDueAt(start: number, now: number, lane: Lane = 'endpoint'): number {
  const graceSeconds = lane === 'bulk' ? RESEND_BULK_AFTER_SECONDS : RESEND_AFTER_SECONDS;
  return sendPlan(start, now).send ? start + graceSeconds * 1000 : start;
}

/** FNV-1a, 32 bits: spreads identifiers that ascend, and needs no crypto. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
