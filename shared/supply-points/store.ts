import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { v5 as uuidv5 } from 'uuid';
import * as v from 'valibot';
import { isConditionMet } from '../aws/conditional-write.ts';

/**
 * A supply point as the `supply-points` table keeps it: with its accounts, customers and outage contact in one item, so
 * that it is there whole or not at all.
 */
export const StoredSupplyPoint = v.object({
  /** The NMI: the table's key. */
  identifier: v.string(),
  kraken_identifier: v.string(),
  import_supplier: v.string(),
  /** The import's attempt that created it. */
  attempt: v.number(),
  /** Epoch milliseconds. */
  created_at: v.number(),
  /** The validated payload, packed (imports/packed-payload.ts). */
  payload: v.instance(Uint8Array),
});
export type StoredSupplyPoint = v.InferOutput<typeof StoredSupplyPoint>;

/** Name space of the kraken_identifiers: our own, made once at random. */
const KRAKEN_IDENTIFIER_NAMESPACE = 'a4c0c9a3-4b0e-4a0e-9d63-0a1f8f0f5d53';

/** The identifier that the platform gives a supply point. It follows from the NMI, so that a second run finds the first's work. */
export const krakenIdentifier = (identifier: string): string =>
  uuidv5(identifier, KRAKEN_IDENTIFIER_NAMESPACE);

export type SupplyPointStore = ReturnType<typeof supplyPointStore>;

/** The `supply-points` table. */
export function supplyPointStore(client: DynamoDBDocumentClient, table: string) {
  return {
    /** Strongly consistent. */
    async get(identifier: string): Promise<StoredSupplyPoint | undefined> {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: { identifier }, ConsistentRead: true }),
      );
      return Item === undefined ? undefined : v.parse(StoredSupplyPoint, Item);
    },

    /** Creates it unless a supply point of that identifier is there. False: one is. */
    create(supplyPoint: StoredSupplyPoint): Promise<boolean> {
      const put = new PutCommand({
        TableName: table,
        Item: supplyPoint,
        ConditionExpression: 'attribute_not_exists(identifier)',
      });
      return isConditionMet(client.send(put));
    },
  };
}
