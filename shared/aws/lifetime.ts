/**
 * The attribute by which DynamoDB's Time to Live deletes items: epoch seconds (source: DynamoDB developer guide, "Using time to live
 * (TTL)"). DynamoDB deletes an expired item within days, and shows it until then (source: the same, "Working with expired items").
 * Stores therefore treat an expired item as absent.
 */
export const EXPIRY_ATTRIBUTE = 'expires_at_seconds';

/** How long a table's items are kept. */
export type Lifetime = {
  /** Days from the write that begins an item's lifetime until it expires. When undefined, items written now never expire. */
  keptDays: number | undefined;
  /** Returns the present time in epoch ms, to which the expiry of items is compared. */
  clock: () => number;
};

/** An item that may expire. */
type Expiring = { [EXPIRY_ATTRIBUTE]?: number | undefined };

const DAY_SECONDS = 24 * 60 * 60;
const seconds = (epochMs: number): number => Math.floor(epochMs / 1000);

/** Returns the expiry attribute of an item whose lifetime begins at `from` (epoch ms), or nothing when items never expire. */
export function expiry({ keptDays }: Lifetime, from: number): { [EXPIRY_ATTRIBUTE]?: number } {
  return keptDays === undefined ? {} : { [EXPIRY_ATTRIBUTE]: seconds(from) + keptDays * DAY_SECONDS };
}

export const isExpired = ({ clock }: Lifetime, item: Expiring): boolean =>
  (item[EXPIRY_ATTRIBUTE] ?? Number.POSITIVE_INFINITY) <= seconds(clock());

/** The condition that an item with this key attribute is absent or expired. */
export const ifAbsent = ({ clock }: Lifetime, keyAttribute: string) => ({
  ConditionExpression: `attribute_not_exists(${keyAttribute}) OR ${EXPIRY_ATTRIBUTE} <= :present`,
  ExpressionAttributeValues: { ':present': seconds(clock()) },
});
