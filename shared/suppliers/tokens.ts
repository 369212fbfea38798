import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';

/** What a token's holder is: each role may do what the one before it may, and more. */
export const Role = v.picklist(['viewer', 'importer', 'operator']);
export type Role = v.InferOutput<typeof Role>;

/** What can be done with imports: read their state, submit them, act on those of others. */
export type Permission = 'read' | 'import' | 'operate';

const PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: ['read'],
  importer: ['read', 'import'],
  operator: ['read', 'import', 'operate'],
};

export const isPermitted = (role: Role, permission: Permission): boolean =>
  PERMISSIONS[role].includes(permission);

/** Most import suppliers of one token: their codes travel with each request, in the authorizer's context. */
export const SUPPLIERS_PER_TOKEN_MAX = 50;

/** Stands in the place of a token's codes: every import supplier, also those that are registered later. For operators. */
export const EVERY_SUPPLIER = '*';

/** A token as the registry keeps it: never its key, only the key's hash. Times are epoch ms. */
export const Token = v.object({
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  /** Who holds it, for people. */
  name: v.pipe(v.string(), v.maxLength(128)),
  role: Role,
  /** Codes of the import suppliers that it may use, or {@link EVERY_SUPPLIER} alone. */
  suppliers: v.pipe(v.array(v.string()), v.maxLength(SUPPLIERS_PER_TOKEN_MAX)),
  created_at: v.number(),
  /** Exclusive. */
  expires_at: v.optional(v.number()),
  revoked_at: v.optional(v.number()),
  /** The last day on which it was used, in UTC, such as `2026-11-24`. */
  last_used_on: v.optional(v.string()),
});
export type Token = v.InferOutput<typeof Token>;

/** A new token's key: 256 random bits, with a prefix by which scanners for leaked secrets know it. */
export const newTokenKey = (): string => `spi_${randomBytes(32).toString('base64url')}`;

/** The hash under which a token is kept: hex. The keys are random and long, so a plain hash is enough. */
export const sha256 = (key: string): string => createHash('sha256').update(key).digest('hex');

/** Whether two hashes (hex, SHA-256) are the same, in a time that does not depend on where they differ. */
export const isSameHash = (one: string, other: string): boolean => {
  const [bytes, others] = [Buffer.from(one, 'hex'), Buffer.from(other, 'hex')];
  // Its length is no secret, and timingSafeEqual throws for another.
  return bytes.length === HASH_BYTES && others.length === HASH_BYTES && timingSafeEqual(bytes, others);
};
const HASH_BYTES = 32;

/** Digits of a token's hash by which people name it: enough to tell apart, too few to be taken for the hash. */
export const TOKEN_ID_DIGITS = 12;

/** What people call a token by: the beginning of its hash, hex. */
export const tokenId = (token: Pick<Token, 'sha256'>): string => token.sha256.slice(0, TOKEN_ID_DIGITS);

/** Whether a token may be used at that time (epoch ms). */
export function isValidAt(token: Token, now: number): boolean {
  return token.revoked_at === undefined && (token.expires_at === undefined || now < token.expires_at);
}
