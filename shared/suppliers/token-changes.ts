import type { registry } from './registry.ts';
import { isAdministrator, isValidAt, newTokenKey, sha256, type Token } from './tokens.ts';

type Registry = ReturnType<typeof registry>;

/** What a new token is for. `expires_at` is epoch ms, exclusive. */
export type TokenProperties = Pick<Token, 'name' | 'role' | 'suppliers' | 'expires_at'>;

/** A new token. Its key is returned only here, because the registry does not store it. */
export type CreatedToken = { key: string; token: Token };

/** Creates a token at `now` (epoch ms). */
export async function createToken(
  registered: Pick<Registry, 'putToken'>,
  properties: TokenProperties,
  now: number,
): Promise<CreatedToken> {
  const key = newTokenKey();
  const token: Token = { ...properties, sha256: sha256(key), created_at: now };
  await registered.putToken(token);
  return { key, token };
}

/**
 * Whether a token with these properties may administer for longer than the administrator that creates it. Otherwise a key that was made for a
 * day could make itself a successor without end. Tokens that do not administer may last longer: they have fewer rights.
 *
 * @param expiresAt when the administrator's token expires (epoch ms); undefined if it does not
 */
export function outlivesAdministrator(properties: TokenProperties, expiresAt: number | undefined): boolean {
  return (
    isAdministrator(properties) && expiresAt !== undefined && (properties.expires_at ?? Infinity) > expiresAt
  );
}

/** Returns the token with this id or a longer beginning of its hash. Undefined for no such token, and for more than one. */
export async function tokenWithId(
  registered: Pick<Registry, 'tokens'>,
  id: string,
): Promise<Token | undefined> {
  if (!TOKEN_ID.test(id)) return undefined;
  const [token, ...others] = await registered.tokens(id);
  return others.length === 0 ? token : undefined;
}
const TOKEN_ID = /^[0-9a-f]{12,64}$/;

/**
 * Revokes a token at `now` (epoch ms). Idempotent. `last`: it is the only valid token of an administrator, and nothing was done. Two requests
 * at once that revoke each other's token can leave none; the script for the first token then creates another (docs/operations.md).
 */
export async function revokeToken(
  registered: Pick<Registry, 'tokens' | 'revokeToken'>,
  id: string,
  { evenIfLast, now }: { evenIfLast: boolean; now: number },
): Promise<{ kind: 'revoked'; token: Token } | { kind: 'last' } | { kind: 'unknown' }> {
  const token = await tokenWithId(registered, id);
  if (token === undefined) return { kind: 'unknown' };
  if (token.revoked_at !== undefined) return { kind: 'revoked', token };
  const isAdministering = (each: Token): boolean => isAdministrator(each) && isValidAt(each, now);
  if (!evenIfLast && isAdministering(token)) {
    const others = (await registered.tokens()).filter(({ sha256 }) => sha256 !== token.sha256);
    if (!others.some(isAdministering)) return { kind: 'last' };
  }
  if (await registered.revokeToken(token.sha256, now))
    return { kind: 'revoked', token: { ...token, revoked_at: now } };
  // Somebody else has revoked it in the meantime.
  return revokeToken(registered, id, { evenIfLast, now });
}

export type Rotation =
  | ({ kind: 'rotated'; old: Token } & CreatedToken)
  /** `expired`: the old token has expired, and no expiry of the new one is given. `outlives`: see {@link outlivesAdministrator}. */
  | { kind: 'unknown' | 'revoked' | 'expired' | 'outlives' };

/**
 * Creates a token with the name, role and suppliers of an old one, and ends the old one at `oldUntil`, or at once. The new one expires at
 * `expiresAt`, or when the old one would have. Of two requests at once that end it at once, one succeeds. All times are epoch ms.
 *
 * @param administratorExpiresAt when the token of the request expires
 */
export async function rotateToken(
  registered: Pick<Registry, 'tokens' | 'putToken' | 'revokeToken' | 'expireToken'>,
  id: string,
  { expiresAt, oldUntil }: { expiresAt: number | undefined; oldUntil: number | undefined },
  { now, administratorExpiresAt }: { now: number; administratorExpiresAt: number | undefined },
): Promise<Rotation> {
  const old = await tokenWithId(registered, id);
  if (old === undefined) return { kind: 'unknown' };
  if (old.revoked_at !== undefined) return { kind: 'revoked' };
  if (expiresAt === undefined && !isValidAt(old, now)) return { kind: 'expired' };
  const { name, role, suppliers } = old;
  const expires_at = expiresAt ?? old.expires_at;
  const properties = { name, role, suppliers, ...(expires_at !== undefined && { expires_at }) };
  if (outlivesAdministrator(properties, administratorExpiresAt)) return { kind: 'outlives' };
  // The new token is created first, so that its holder always has a valid one, even when a later step fails.
  const created = await createToken(registered, properties, now);
  const end = Math.min(oldUntil ?? now, old.expires_at ?? Infinity);
  const isEnded =
    oldUntil === undefined
      ? await registered.revokeToken(old.sha256, now)
      : await registered.expireToken(old.sha256, { from: old.expires_at, to: end });
  if (isEnded) {
    const ended = oldUntil === undefined ? { revoked_at: now } : { expires_at: end };
    return { kind: 'rotated', ...created, old: { ...old, ...ended } };
  }
  // Somebody else has revoked or rotated it in the meantime. Nobody has the new key.
  await registered.revokeToken(created.token.sha256, now);
  return rotateToken(registered, id, { expiresAt, oldUntil }, { now, administratorExpiresAt });
}
