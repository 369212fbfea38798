import * as v from 'valibot';
import type { TokenRegistry } from './registry.ts';
import { EVERY_SUPPLIER, isSameHash, isValidAt, Role, sha256, type Token, tokenId } from './tokens.ts';

/** The caller of a request. The authorizer identifies it and passes it to the functions in its context. */
export const Caller = v.object({
  role: Role,
  /** The import suppliers that the token may use, and whether their migration is ongoing. */
  suppliers: v.record(v.string(), v.picklist(['open', 'closed'])),
  /** Whether the token is for every supplier, including those that are registered later. */
  hasEverySupplier: v.optional(v.boolean()),
  /** The token's id and holder, for the audit log. Absent in cached results of earlier versions of the authorizer. */
  token: v.optional(v.object({ id: v.string(), name: v.string() })),
  /** When the token expires, exclusive, in epoch ms. Functions check it, because the authorizer's result is cached for longer. */
  expiresAt: v.optional(v.number()),
});
export type Caller = v.InferOutput<typeof Caller>;

/** `Authorization: Token <key>`, with the scheme in upper or lower case (source: the API's basics page, Django REST framework). */
const AUTHORIZATION = /^Token (\S+)$/i;

/** Longest Authorization header that is accepted, in characters. */
const AUTHORIZATION_LENGTH_MAX = 200;

/**
 * Identifies the caller by the Authorization header. Returns undefined when the token is unknown, revoked or expired. `now` is epoch ms.
 *
 * @param onRecordFailure receives the error when the use of a token could not be recorded; the caller is accepted nevertheless
 */
export function authenticate(tokens: TokenRegistry, onRecordFailure: (error: unknown) => void) {
  /** Writes once a day for each token. */
  const recordUse = async ({ sha256, last_used_on }: Token, now: number): Promise<void> => {
    const day = new Date(now).toISOString().slice(0, 10);
    if (last_used_on === undefined || last_used_on < day) await tokens.recordUse(sha256, day);
  };
  return async (authorization: string, now: number): Promise<Caller | undefined> => {
    if (authorization.length > AUTHORIZATION_LENGTH_MAX) return undefined;
    const key = AUTHORIZATION.exec(authorization)?.[1];
    if (key === undefined) return undefined;
    // The time of a lookup by hash reveals nothing useful. An attacker cannot choose the hash, and a partly matching hash does not
    // help to find a key of 256 random bits.
    const hash = sha256(key);
    const token = await tokens.token(hash);
    if (token === undefined || !isSameHash(token.sha256, hash) || !isValidAt(token, now)) return undefined;
    const [suppliers] = await Promise.all([
      tokens.suppliersOf(token.suppliers),
      recordUse(token, now).catch(onRecordFailure),
    ]);
    return {
      role: token.role,
      token: { id: tokenId(token), name: token.name },
      suppliers: Object.fromEntries(suppliers.map(({ code, migration }) => [code, migration])),
      ...(token.suppliers.includes(EVERY_SUPPLIER) && { hasEverySupplier: true }),
      ...(token.expires_at !== undefined && { expiresAt: token.expires_at }),
    };
  };
}
