import { type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { Token } from './tokens.ts';

/**
 * An import supplier: the retailer or distributor whose customers are migrated. Suppliers are closed, never removed:
 * imports that wait are found through them.
 */
export const ImportSupplier = v.object({
  /** Capitals, digits, `_` and `-`; it is part of keys and paths. */
  code: v.pipe(v.string(), v.regex(/^[A-Z0-9][A-Z0-9_-]{0,63}$/)),
  /** Whether its migration is ongoing; a closed supplier's imports are refused. */
  migration: v.picklist(['open', 'closed']),
});
export type ImportSupplier = v.InferOutput<typeof ImportSupplier>;

const SUPPLIERS = 'import-suppliers';
const TOKENS = 'tokens';

export type SupplierRegistry = Pick<ReturnType<typeof registry>, 'get' | 'list'>;
export type TokenRegistry = Pick<ReturnType<typeof registry>, 'token' | 'suppliersOf'>;

/**
 * The `registry` table: import suppliers, and tokens by the SHA-256 of their keys.
 *
 * @throws v.ValiError where an item is not what this code writes, or is asked to write.
 */
export function registry(client: DynamoDBDocumentClient, table: string) {
  const item = async (kind: string, key: string): Promise<Record<string, unknown> | undefined> => {
    const { Item } = await client.send(new GetCommand({ TableName: table, Key: { kind, key } }));
    return Item;
  };
  const list = async (): Promise<ImportSupplier[]> => {
    const items: unknown[] = [];
    let from: Record<string, unknown> | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'kind = :kind',
          ExpressionAttributeValues: { ':kind': SUPPLIERS },
          ExclusiveStartKey: from,
        }),
      );
      items.push(...(page.Items ?? []));
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
    return v.parse(v.array(ImportSupplier), items);
  };

  return {
    async get(code: string): Promise<ImportSupplier | undefined> {
      const found = await item(SUPPLIERS, code);
      return found === undefined ? undefined : v.parse(ImportSupplier, found);
    },

    /** All import suppliers, by code. */
    list,

    /** Those import suppliers of the codes that are registered. */
    async suppliersOf(codes: readonly string[]): Promise<ImportSupplier[]> {
      const asked = new Set(codes);
      return (await list()).filter(({ code }) => asked.has(code));
    },

    /** Registers an import supplier, or opens or closes its migration. */
    async putSupplier(supplier: ImportSupplier): Promise<void> {
      const { code, migration } = v.parse(ImportSupplier, supplier);
      await client.send(
        new PutCommand({ TableName: table, Item: { kind: SUPPLIERS, key: code, code, migration } }),
      );
    },

    /** The token of that hash, be it valid or not. */
    async token(sha256: string): Promise<Token | undefined> {
      const found = await item(TOKENS, sha256);
      return found === undefined ? undefined : v.parse(Token, found);
    },

    async putToken(token: Token): Promise<void> {
      const parsed = v.parse(Token, token);
      await client.send(
        new PutCommand({ TableName: table, Item: { kind: TOKENS, key: parsed.sha256, ...parsed } }),
      );
    },
  };
}
