import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { cachedRead } from '../aws/cached-read.ts';
import { isConditionMet } from '../aws/conditional-write.ts';
import { queryAll } from '../aws/query-all.ts';
import { EVERY_SUPPLIER, Token } from './tokens.ts';

/**
 * An import supplier: the retailer or distributor whose customers are migrated. Suppliers are closed but never removed, because the
 * sweeper finds waiting imports by their supplier.
 */
export const ImportSupplier = v.object({
  /** Capitals, digits, `_` and `-`. It is part of keys and URL paths. */
  code: v.pipe(v.string(), v.regex(/^[A-Z0-9][A-Z0-9_-]{0,63}$/)),
  /** Whether its migration is ongoing. Imports of a closed supplier are rejected. */
  migration: v.picklist(['open', 'closed']),
  /** Whether dropped CSV files may have columns that match no field. Absent means false. */
  ignores_unknown_columns: v.optional(v.boolean()),
  /** Its scenarios (scenarios/scenario.ts), which shared/scenarios validates. */
  scenarios: v.optional(v.array(v.unknown())),
});
export type ImportSupplier = v.InferOutput<typeof ImportSupplier>;

const SUPPLIERS = 'import-suppliers';
const TOKENS = 'tokens';
const ERASURES = 'erasures';

/** An audit record of the deletion of an import's data. It is never deleted. `erased_at` is epoch ms. */
export const Erasure = v.object({
  erased_at: v.number(),
  /** Absent when the authorizer's result did not include the token. */
  token_id: v.optional(v.string()),
  token_name: v.optional(v.string()),
  import_supplier: v.string(),
  external_identifier: v.string(),
  /** Numbers of deleted import records and supply points. */
  imports: v.number(),
  supply_points: v.number(),
});
export type Erasure = v.InferOutput<typeof Erasure>;

export type SupplierRegistry = Pick<ReturnType<typeof registry>, 'get' | 'list'>;
export type TokenRegistry = Pick<ReturnType<typeof registry>, 'token' | 'suppliersOf' | 'recordUse'>;

/** Time to live of the caches of suppliers and scenarios. Operators change both by hand, so a delay of seconds is acceptable. */
export const REGISTRY_CACHED_SECONDS = 15;

/** Caches single suppliers, because a worker reads one for each import. `clock` returns epoch ms. */
export const cachedSuppliers = ({ get, list }: SupplierRegistry, clock: () => number): SupplierRegistry => ({
  get: cachedRead(get, { ttlSeconds: REGISTRY_CACHED_SECONDS, clock }),
  list,
});

/**
 * Reads and writes the `registry` table, which has the import suppliers, and the tokens by the SHA-256 of their keys.
 *
 * @throws v.ValiError for an invalid item, read or to be written
 */
export function registry(client: DynamoDBDocumentClient, table: string) {
  const item = async (kind: string, key: string): Promise<Record<string, unknown> | undefined> => {
    const { Item } = await client.send(new GetCommand({ TableName: table, Key: { kind, key } }));
    return Item;
  };
  const itemsOf = (kind: string, keyPrefix = ''): Promise<unknown[]> =>
    queryAll(client, {
      TableName: table,
      KeyConditionExpression: `kind = :kind${keyPrefix === '' ? '' : ' AND begins_with(#key, :prefix)'}`,
      ...(keyPrefix !== '' && { ExpressionAttributeNames: { '#key': 'key' } }),
      ExpressionAttributeValues: { ':kind': kind, ...(keyPrefix !== '' && { ':prefix': keyPrefix }) },
    });
  const list = async (): Promise<ImportSupplier[]> =>
    v.parse(v.array(ImportSupplier), await itemsOf(SUPPLIERS));
  /** Returns false when the condition fails. */
  const update = (
    kind: string,
    key: string,
    change: Omit<UpdateCommandInput, 'TableName' | 'Key'>,
  ): Promise<boolean> =>
    isConditionMet(client.send(new UpdateCommand({ TableName: table, Key: { kind, key }, ...change })));

  return {
    async get(code: string): Promise<ImportSupplier | undefined> {
      const found = await item(SUPPLIERS, code);
      return found === undefined ? undefined : v.parse(ImportSupplier, found);
    },

    /** Returns all import suppliers, ordered by code. */
    list,

    /** Returns the registered import suppliers with these codes, or all of them for {@link EVERY_SUPPLIER}. */
    async suppliersOf(codes: readonly string[]): Promise<ImportSupplier[]> {
      const wanted = new Set(codes);
      return (await list()).filter(({ code }) => wanted.has(EVERY_SUPPLIER) || wanted.has(code));
    },

    /** Registers an import supplier, or opens or closes its migration. Keeps the other attributes of its item. */
    async putSupplier(supplier: ImportSupplier): Promise<void> {
      await update(SUPPLIERS, supplier.code, supplierUpdate(supplier));
    },

    /** Registers an import supplier. Returns false when the code is already registered. */
    addSupplier: (supplier: ImportSupplier): Promise<boolean> =>
      update(SUPPLIERS, supplier.code, {
        ...supplierUpdate(supplier),
        ConditionExpression: 'attribute_not_exists(kind)',
      }),

    /** Opens or closes an import supplier's migration. Returns false when the code is not registered. */
    setMigration: (code: string, migration: ImportSupplier['migration']): Promise<boolean> =>
      update(SUPPLIERS, code, {
        ...supplierUpdate({ code, migration }),
        ConditionExpression: 'attribute_exists(kind)',
      }),

    /** Sets whether a supplier's dropped CSV files may have unknown columns. Returns false when the code is not registered. */
    ignoreUnknownColumns: (code: string, ignores: boolean): Promise<boolean> =>
      update(SUPPLIERS, code, {
        UpdateExpression: 'SET ignores_unknown_columns = :ignores',
        ConditionExpression: 'attribute_exists(kind)',
        ExpressionAttributeValues: { ':ignores': ignores },
      }),

    /** Returns the token with that hash, including one that is revoked or expired. */
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

    /** Records that data was erased. `id` distinguishes erasures of the same millisecond. */
    async recordErasure(erasure: Erasure, id: string): Promise<void> {
      const key = `${new Date(erasure.erased_at).toISOString()}#${id}`;
      await client.send(
        new PutCommand({ TableName: table, Item: { kind: ERASURES, key, ...v.parse(Erasure, erasure) } }),
      );
    },

    /** Returns the records of erasures, oldest first. */
    async erasures(): Promise<Erasure[]> {
      return v.parse(v.array(Erasure), await itemsOf(ERASURES));
    },

    /** Returns the tokens whose hash begins with `sha256Prefix`, including those that are revoked or expired. */
    async tokens(sha256Prefix = ''): Promise<Token[]> {
      return v.parse(v.array(Token), await itemsOf(TOKENS, sha256Prefix));
    },

    /**
     * Records the day on which a token was used, such as `2026-11-24`. Returns false when that day or a later one is recorded, or the
     * token is revoked or unknown.
     */
    recordUse: (sha256: string, day: string): Promise<boolean> =>
      update(TOKENS, sha256, {
        UpdateExpression: 'SET last_used_on = :day',
        ConditionExpression: `${NOT_REVOKED} AND (attribute_not_exists(last_used_on) OR last_used_on < :day)`,
        ExpressionAttributeValues: { ':day': day },
      }),

    /** Revokes a token at `now` (epoch ms). Returns false when it is already revoked or unknown. */
    revokeToken: (sha256: string, now: number): Promise<boolean> =>
      update(TOKENS, sha256, {
        UpdateExpression: 'SET revoked_at = :now',
        ConditionExpression: NOT_REVOKED,
        ExpressionAttributeValues: { ':now': now },
      }),

    /** Sets when a token expires (epoch ms). Returns false when it is revoked or unknown. */
    expireToken: (sha256: string, at: number): Promise<boolean> =>
      update(TOKENS, sha256, {
        UpdateExpression: 'SET expires_at = :at',
        ConditionExpression: NOT_REVOKED,
        ExpressionAttributeValues: { ':at': at },
      }),
  };
}

const NOT_REVOKED = 'attribute_exists(kind) AND attribute_not_exists(revoked_at)';

/** Returns an update of only these attributes, because a put would delete those that only later versions of this code know. */
function supplierUpdate(supplier: ImportSupplier) {
  const { code, migration, scenarios } = v.parse(ImportSupplier, supplier);
  return {
    UpdateExpression: `SET code = :code, migration = :migration${scenarios ? ', scenarios = :scenarios' : ''}`,
    ExpressionAttributeValues: {
      ':code': code,
      ':migration': migration,
      ...(scenarios && { ':scenarios': scenarios }),
    },
  };
}
