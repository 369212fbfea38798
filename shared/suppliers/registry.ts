import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { cachedRead } from '../aws/cached-read.ts';
import { isConditionMet, undefinedIfConditionFailed } from '../aws/conditional-write.ts';
import { queryAll } from '../aws/query-all.ts';
import { REGISTRY_KINDS } from './registry-kinds.ts';
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

const { suppliers: SUPPLIERS, tokens: TOKENS, erasures: ERASURES } = REGISTRY_KINDS;

/** The authorizer passes the codes of all to functions for an operator of every supplier, so there may only be so many. */
export const SUPPLIERS_MAX = 100;

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
  const item = async (
    kind: string,
    key: string,
    { isConsistent = false } = {},
  ): Promise<Record<string, unknown> | undefined> => {
    const command = new GetCommand({ TableName: table, Key: { kind, key }, ConsistentRead: isConsistent });
    return (await client.send(command)).Item;
  };
  const itemsOf = (
    kind: string,
    { keyPrefix = '', isConsistent = false }: { keyPrefix?: string; isConsistent?: boolean } = {},
  ): Promise<unknown[]> =>
    queryAll(client, {
      TableName: table,
      ConsistentRead: isConsistent,
      KeyConditionExpression: `kind = :kind${keyPrefix === '' ? '' : ' AND begins_with(#key, :prefix)'}`,
      ...(keyPrefix !== '' && { ExpressionAttributeNames: { '#key': 'key' } }),
      ExpressionAttributeValues: { ':kind': kind, ...(keyPrefix !== '' && { ':prefix': keyPrefix }) },
    });
  const list = async (options?: { isConsistent: boolean }): Promise<ImportSupplier[]> =>
    v.parse(v.array(ImportSupplier), await itemsOf(SUPPLIERS, options));
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

    /** Returns all import suppliers, ordered by code. A consistent read has every change that was made before. */
    list,

    /** Returns the registered import suppliers with these codes, or all of them for {@link EVERY_SUPPLIER}. */
    async suppliersOf(codes: readonly string[]): Promise<ImportSupplier[]> {
      const wanted = new Set(codes);
      return (await list()).filter(({ code }) => wanted.has(EVERY_SUPPLIER) || wanted.has(code));
    },

    /** Registers an import supplier, or opens or closes its migration. Keeps the other attributes of its item. */
    async putSupplier(supplier: ImportSupplier): Promise<void> {
      await update(SUPPLIERS, supplier.code, setExpression(v.parse(ImportSupplier, supplier)));
    },

    /** Registers an import supplier. Returns false when the code is already registered. */
    addSupplier: (supplier: ImportSupplier): Promise<boolean> =>
      update(SUPPLIERS, supplier.code, {
        ...setExpression(v.parse(ImportSupplier, supplier)),
        ConditionExpression: 'attribute_not_exists(kind)',
      }),

    /** Changes these attributes of an import supplier. Returns it as it is then, or undefined when the code is not registered. */
    async changeSupplier(
      code: string,
      change: {
        migration?: ImportSupplier['migration'] | undefined;
        ignores_unknown_columns?: boolean | undefined;
      },
    ): Promise<ImportSupplier | undefined> {
      const changed = Object.entries({ ...change, code }).filter(([, value]) => value !== undefined);
      const command = new UpdateCommand({
        TableName: table,
        Key: { kind: SUPPLIERS, key: code },
        ...setExpression(Object.fromEntries(changed)),
        ConditionExpression: 'attribute_exists(kind)',
        ReturnValues: 'ALL_NEW',
      });
      const found = await undefinedIfConditionFailed(client.send(command));
      return found && v.parse(ImportSupplier, found.Attributes);
    },

    /**
     * Returns the token with that hash, including one that is revoked or expired. The read is consistent, because API Gateway caches that a
     * token is unknown: a new one must be found at once.
     */
    async token(sha256: string): Promise<Token | undefined> {
      const found = await item(TOKENS, sha256, { isConsistent: true });
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
      return v.parse(v.array(Token), await itemsOf(TOKENS, { keyPrefix: sha256Prefix, isConsistent: true }));
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

    /**
     * Changes when a token expires (epoch ms; undefined is never). Returns false when it is revoked or unknown, or expires at another time
     * than `from`.
     */
    expireToken: (sha256: string, { from, to }: { from: number | undefined; to: number }): Promise<boolean> =>
      update(TOKENS, sha256, {
        UpdateExpression: 'SET expires_at = :to',
        ConditionExpression: `${NOT_REVOKED} AND ${from === undefined ? 'attribute_not_exists(expires_at)' : 'expires_at = :from'}`,
        ExpressionAttributeValues: { ':to': to, ...(from !== undefined && { ':from': from }) },
      }),
  };
}

const NOT_REVOKED = 'attribute_exists(kind) AND attribute_not_exists(revoked_at)';

/** Returns an update of only these attributes, because a put would delete those that only later versions of this code know. */
function setExpression(attributes: Readonly<Record<string, unknown>>) {
  const names = Object.keys(attributes);
  return {
    UpdateExpression: `SET ${names.map((name) => `${name} = :${name}`).join(', ')}`,
    ExpressionAttributeValues: Object.fromEntries(names.map((name) => [`:${name}`, attributes[name]])),
  };
}
