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
 * An import supplier: the retailer or distributor whose customers are migrated. Suppliers are closed, never removed:
 * imports that wait are found through them.
 */
export const ImportSupplier = v.object({
  /** Capitals, digits, `_` and `-`; it is part of keys and paths. */
  code: v.pipe(v.string(), v.regex(/^[A-Z0-9][A-Z0-9_-]{0,63}$/)),
  /** Whether its migration is ongoing; a closed supplier's imports are refused. */
  migration: v.picklist(['open', 'closed']),
  /** Takes dropped CSV files with columns that no field is named by; absent: refuses them. */
  ignores_unknown_columns: v.optional(v.boolean()),
  /** What is to happen to its imports in a rehearsal; read where it is acted on. */
  scenarios: v.optional(v.array(v.unknown())),
});
export type ImportSupplier = v.InferOutput<typeof ImportSupplier>;

const SUPPLIERS = 'import-suppliers';
const TOKENS = 'tokens';
const ERASURES = 'erasures';

/** Who had an import's data deleted, and when (epoch ms): for the audit, so it stays. */
export const Erasure = v.object({
  erased_at: v.number(),
  /** Absent where the authorizer's answer did not say it. */
  token_id: v.optional(v.string()),
  token_name: v.optional(v.string()),
  import_supplier: v.string(),
  external_identifier: v.string(),
  /** How many records of imports, and how many supply points. */
  imports: v.number(),
  supply_points: v.number(),
});
export type Erasure = v.InferOutput<typeof Erasure>;

export type SupplierRegistry = Pick<ReturnType<typeof registry>, 'get' | 'list'>;
export type TokenRegistry = Pick<ReturnType<typeof registry>, 'token' | 'suppliersOf' | 'recordUse'>;

/** How long functions cache what they read from the registry. Operators close migrations and change scenarios, so seconds do not matter. */
export const REGISTRY_CACHED_SECONDS = 15;

/** Caches single suppliers: a worker reads one for each import. `clock` returns epoch ms. */
export const cachedSuppliers = ({ get, list }: SupplierRegistry, clock: () => number): SupplierRegistry => ({
  get: cachedRead(get, { ttlSeconds: REGISTRY_CACHED_SECONDS, clock }),
  list,
});

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
  const itemsOf = (kind: string, keyPrefix = ''): Promise<unknown[]> =>
    queryAll(client, {
      TableName: table,
      KeyConditionExpression: `kind = :kind${keyPrefix === '' ? '' : ' AND begins_with(#key, :prefix)'}`,
      ...(keyPrefix !== '' && { ExpressionAttributeNames: { '#key': 'key' } }),
      ExpressionAttributeValues: { ':kind': kind, ...(keyPrefix !== '' && { ':prefix': keyPrefix }) },
    });
  const list = async (): Promise<ImportSupplier[]> =>
    v.parse(v.array(ImportSupplier), await itemsOf(SUPPLIERS));
  /** False: the condition does not hold. */
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

    /** All import suppliers, by code. */
    list,

    /** Those import suppliers of the codes that are registered; all of them for {@link EVERY_SUPPLIER}. */
    async suppliersOf(codes: readonly string[]): Promise<ImportSupplier[]> {
      const asked = new Set(codes);
      return (await list()).filter(({ code }) => asked.has(EVERY_SUPPLIER) || asked.has(code));
    },

    /** Registers an import supplier, or opens or closes its migration. What else its item has is kept. */
    async putSupplier(supplier: ImportSupplier): Promise<void> {
      await update(SUPPLIERS, supplier.code, settingOf(supplier));
    },

    /** Registers an import supplier. False: one of that code is registered. */
    addSupplier: (supplier: ImportSupplier): Promise<boolean> =>
      update(SUPPLIERS, supplier.code, {
        ...settingOf(supplier),
        ConditionExpression: 'attribute_not_exists(kind)',
      }),

    /** Opens or closes an import supplier's migration. False: none of that code is registered. */
    setMigration: (code: string, migration: ImportSupplier['migration']): Promise<boolean> =>
      update(SUPPLIERS, code, {
        ...settingOf({ code, migration }),
        ConditionExpression: 'attribute_exists(kind)',
      }),

    /** Has a supplier's dropped CSV files taken or refused that have unknown columns. False: none of that code is registered. */
    ignoreUnknownColumns: (code: string, ignores: boolean): Promise<boolean> =>
      update(SUPPLIERS, code, {
        UpdateExpression: 'SET ignores_unknown_columns = :ignores',
        ConditionExpression: 'attribute_exists(kind)',
        ExpressionAttributeValues: { ':ignores': ignores },
      }),

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

    /** Keeps that data was erased; `id` tells those of one millisecond apart. */
    async recordErasure(erasure: Erasure, id: string): Promise<void> {
      const key = `${new Date(erasure.erased_at).toISOString()}#${id}`;
      await client.send(
        new PutCommand({ TableName: table, Item: { kind: ERASURES, key, ...v.parse(Erasure, erasure) } }),
      );
    },

    /** What was erased, oldest first. */
    async erasures(): Promise<Erasure[]> {
      return v.parse(v.array(Erasure), await itemsOf(ERASURES));
    },

    /** The tokens whose hash begins so; without a beginning all, be they valid or not. */
    async tokens(sha256Prefix = ''): Promise<Token[]> {
      return v.parse(v.array(Token), await itemsOf(TOKENS, sha256Prefix));
    },

    /** Records the day on which a token was used, such as `2026-11-24`. False: it is recorded, or the token is not valid. */
    recordUse: (sha256: string, day: string): Promise<boolean> =>
      update(TOKENS, sha256, {
        UpdateExpression: 'SET last_used_on = :day',
        ConditionExpression: `${VALID_TOKEN} AND (attribute_not_exists(last_used_on) OR last_used_on < :day)`,
        ExpressionAttributeValues: { ':day': day },
      }),

    /** Revokes a token. False: it is revoked, or there is none. `now`: epoch ms. */
    revokeToken: (sha256: string, now: number): Promise<boolean> =>
      update(TOKENS, sha256, {
        UpdateExpression: 'SET revoked_at = :now',
        ConditionExpression: VALID_TOKEN,
        ExpressionAttributeValues: { ':now': now },
      }),

    /** Has a token expire at that time (epoch ms). False: it is revoked, or there is none. */
    expireToken: (sha256: string, at: number): Promise<boolean> =>
      update(TOKENS, sha256, {
        UpdateExpression: 'SET expires_at = :at',
        ConditionExpression: VALID_TOKEN,
        ExpressionAttributeValues: { ':at': at },
      }),
  };
}

const VALID_TOKEN = 'attribute_exists(kind) AND attribute_not_exists(revoked_at)';

/** An update, since a whole item would take with it what this version of the code does not know. */
function settingOf(supplier: ImportSupplier) {
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
