import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { isConditionMet } from '../aws/conditional-write.ts';
import { expiry, ifAbsent, isExpired, type Lifetime } from '../aws/lifetime.ts';

/**
 * An item of the `supply-points` table. It includes the accounts, customers and outage contact, because one item is written
 * completely or not at all.
 */
export const StoredSupplyPoint = v.object({
  /** The NMI, which is the table's key. */
  identifier: v.string(),
  kraken_identifier: v.string(),
  import_supplier: v.string(),
  /** The attempt of the import that created it. */
  attempt: v.number(),
  /** Epoch milliseconds. */
  created_at: v.number(),
  /** The validated payload, packed (imports/model/packed-payload.ts). */
  payload: v.instance(Uint8Array),
  /** When it expires (aws/lifetime.ts). */
  expires_at_seconds: v.optional(v.number()),
});
export type StoredSupplyPoint = v.InferOutput<typeof StoredSupplyPoint>;

export type SupplyPointStore = ReturnType<typeof supplyPointStore>;

/** Reads and writes the `supply-points` table. A supply point's lifetime begins when it is created. */
export function supplyPointStore(client: DynamoDBDocumentClient, table: string, lifetime: Lifetime) {
  return {
    /** Strongly consistent. */
    async get(identifier: string): Promise<StoredSupplyPoint | undefined> {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: { identifier }, ConsistentRead: true }),
      );
      const found = v.parse(v.optional(StoredSupplyPoint), Item);
      return found === undefined || isExpired(lifetime, found) ? undefined : found;
    },

    /** Creates a supply point. Returns false, and writes nothing, when its identifier is taken. */
    create(supplyPoint: Omit<StoredSupplyPoint, 'expires_at_seconds'>): Promise<boolean> {
      const put = new PutCommand({
        TableName: table,
        Item: { ...supplyPoint, ...expiry(lifetime, supplyPoint.created_at) },
        ...ifAbsent(lifetime, 'identifier'),
      });
      return isConditionMet(client.send(put));
    },

    /** Deletes what this import supplier created until then (epoch ms), expired or not. False: there is none. */
    remove(identifier: string, importSupplier: string, until: number): Promise<boolean> {
      const remove = new DeleteCommand({
        TableName: table,
        Key: { identifier },
        ConditionExpression: 'import_supplier = :supplier AND created_at <= :until',
        ExpressionAttributeValues: { ':supplier': importSupplier, ':until': until },
      });
      return isConditionMet(client.send(remove));
    },
  };
}
