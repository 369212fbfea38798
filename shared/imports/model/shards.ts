/**
 * Index partitions for each supplier and class. A DynamoDB partition has a limit of 1,000 write units a second (source:
 * DynamoDB guide, "Partitions and data distribution"). A submission writes one unit to a partition of its class, and the final
 * status writes one more to remove the entry. The limit for one supplier is therefore 8,000 submissions a second, or 4,000
 * imports a second that are submitted and finished at the same rate. Readers of drops slow down to it. A list needs eight
 * queries for each class.
 */
export const SHARDS_PER_SUPPLIER = 8;

/** All shards. */
export const SHARDS: readonly number[] = Array.from({ length: SHARDS_PER_SUPPLIER }, (_, shard) => shard);

/** Returns the shard of an external identifier. */
export const shardOf = (externalIdentifier: string): number =>
  fnv1a(externalIdentifier) % SHARDS_PER_SUPPLIER;

/** FNV-1a, 32 bits. Spreads consecutive identifiers evenly and needs no cryptography. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
