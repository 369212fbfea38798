/**
 * Index partitions of a supplier's imports of one kind. One DynamoDB partition takes 1,000 write units a second (source: DynamoDB guide,
 * "Partitions and data distribution"). A submission writes one unit to a partition of its kind, and the import's end one more as it
 * leaves it. So one supplier has a limit of 8,000 submissions a second, and 4,000 imports a second that are submitted and ended at
 * the same rate. Readers of drops slow down to it. A list costs eight queries a kind.
 */
export const SHARDS_PER_SUPPLIER = 8;

/** All shards. */
export const SHARDS: readonly number[] = Array.from({ length: SHARDS_PER_SUPPLIER }, (_, shard) => shard);

/** The shard of an import, by its external identifier. */
export const shardOf = (externalIdentifier: string): number =>
  fnv1a(externalIdentifier) % SHARDS_PER_SUPPLIER;

/** FNV-1a, 32 bits: spreads identifiers that ascend, and needs no crypto. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
