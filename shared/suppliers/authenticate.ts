import * as v from 'valibot';
import type { TokenRegistry } from './registry.ts';
import { isSameHash, isValidAt, Role, sha256, type Token, tokenId } from './tokens.ts';

/** Who calls: what the authorizer finds out once and hands to the functions with each request. */
export const Caller = v.object({
  role: Role,
  /** The import suppliers that the token may use, and whether their migration is ongoing. */
  suppliers: v.record(v.string(), v.picklist(['open', 'closed'])),
  /** The token, for the audit: its identifier (tokens.ts), and who holds it. Absent in answers that the authorizer gave before it told this. */
  token: v.optional(v.object({ id: v.string(), name: v.string() })),
  /** When the token expires, exclusive, in epoch ms: the authorizer's answer is cached, and may outlive it. */
  expiresAt: v.optional(v.number()),
});
export type Caller = v.InferOutput<typeof Caller>;

/** `Authorization: Token <key>`; the scheme in any case (source: the API's basics page, Django REST framework). */
const AUTHORIZATION = /^Token (\S+)$/i;

/** Longest Authorization header that is looked at, in characters. */
const AUTHORIZATION_LENGTH_MAX = 200;

/**
 * Finds out who calls from the Authorization header. Undefined: the token is unknown, revoked or expired. `now`: epoch ms.
 *
 * @param useNotRecorded told why a token's use could not be recorded, which refuses nobody
 */
export function authenticate(tokens: TokenRegistry, useNotRecorded: (error: unknown) => void) {
  /** One write a token a day: the others of a day find it recorded in the token that was read. */
  const recordUse = async ({ sha256, last_used_on }: Token, now: number): Promise<void> => {
    const day = new Date(now).toISOString().slice(0, 10);
    if (last_used_on === undefined || last_used_on < day) await tokens.recordUse(sha256, day);
  };
  return async (authorization: string, now: number): Promise<Caller | undefined> => {
    if (authorization.length > AUTHORIZATION_LENGTH_MAX) return undefined;
    const key = AUTHORIZATION.exec(authorization)?.[1];
    if (key === undefined) return undefined;
    // To look a token up by its key's hash tells nobody anything by the time it takes: who guesses cannot choose the
    // hash, and one that begins like a registered one brings them no nearer to its key of 256 random bits.
    const hash = sha256(key);
    const token = await tokens.token(hash);
    if (token === undefined || !isSameHash(token.sha256, hash) || !isValidAt(token, now)) return undefined;
    const [suppliers] = await Promise.all([
      tokens.suppliersOf(token.suppliers),
      recordUse(token, now).catch(useNotRecorded),
    ]);
    return {
      role: token.role,
      token: { id: tokenId(token), name: token.name },
      suppliers: Object.fromEntries(suppliers.map(({ code, migration }) => [code, migration])),
      ...(token.expires_at !== undefined && { expiresAt: token.expires_at }),
    };
  };
}
