import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';

/** The role of a token's holder. Each role includes the permissions of the one before it. */
export const Role = v.picklist(['viewer', 'importer', 'operator']);
export type Role = v.InferOutput<typeof Role>;

/**
 * What a caller may do: read the state of imports, submit them, operate (retry, cancel and redrive) any of them, or administer suppliers and
 * tokens.
 */
export type Permission = 'read' | 'import' | 'operate' | 'administer';

const PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: ['read'],
  importer: ['read', 'import'],
  operator: ['read', 'import', 'operate', 'administer'],
};

/** Whether a role permits something. `administer` also needs a token for every supplier: suppliers and tokens belong to all of them. */
export const isPermitted = (
  { role, hasEverySupplier = false }: { role: Role; hasEverySupplier?: boolean | undefined },
  permission: Permission,
): boolean => PERMISSIONS[role].includes(permission) && (permission !== 'administer' || hasEverySupplier);

/** Import suppliers of one token. Their codes are in the authorizer's context of every request, whose size is limited. */
export const SUPPLIERS_PER_TOKEN_MAX = 50;

/** Used instead of supplier codes for operators: every import supplier, including those registered later. */
export const EVERY_SUPPLIER = '*';

/** A token in the registry, which stores the hash of its key, never the key. Times are epoch ms. */
export const Token = v.object({
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  /** The name of its holder, for display. */
  name: v.pipe(v.string(), v.maxLength(128)),
  role: Role,
  /** Codes of the import suppliers that it may use, or only {@link EVERY_SUPPLIER}. */
  suppliers: v.pipe(v.array(v.string()), v.maxLength(SUPPLIERS_PER_TOKEN_MAX)),
  created_at: v.number(),
  /** Exclusive. */
  expires_at: v.optional(v.number()),
  revoked_at: v.optional(v.number()),
  /** The last day on which it was used, in UTC, such as `2026-11-24`. */
  last_used_on: v.optional(v.string()),
});
export type Token = v.InferOutput<typeof Token>;

/** Returns a new key of 256 random bits, with a prefix that scanners for leaked secrets can search for. */
export const newTokenKey = (): string => `spi_${randomBytes(32).toString('base64url')}`;

/** Returns the hash of a key, in hex. A plain hash is safe because keys are long and random. */
export const sha256 = (key: string): string => createHash('sha256').update(key).digest('hex');

/** Compares two SHA-256 hashes (hex) in constant time. Returns false for text that is not such a hash. */
export const isSameHash = (one: string, other: string): boolean => {
  const [bytes, others] = [Buffer.from(one, 'hex'), Buffer.from(other, 'hex')];
  // The length is not secret, and timingSafeEqual throws when lengths differ.
  return bytes.length === HASH_BYTES && others.length === HASH_BYTES && timingSafeEqual(bytes, others);
};
const HASH_BYTES = 32;

/** Digits of a token's id. */
export const TOKEN_ID_DIGITS = 12;

/** Returns the id by which operators refer to a token: the first digits of its hash, in hex. */
export const tokenId = (token: Pick<Token, 'sha256'>): string => token.sha256.slice(0, TOKEN_ID_DIGITS);

/** Whether a token may administer suppliers and tokens. */
export const isAdministrator = ({ role, suppliers }: Pick<Token, 'role' | 'suppliers'>): boolean =>
  isPermitted({ role, hasEverySupplier: suppliers.includes(EVERY_SUPPLIER) }, 'administer');

/** Whether a token is neither revoked nor expired at `now` (epoch ms). */
export function isValidAt(token: Token, now: number): boolean {
  return token.revoked_at === undefined && (token.expires_at === undefined || now < token.expires_at);
}
