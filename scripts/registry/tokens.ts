import * as v from 'valibot';
import type { registry } from '../../shared/suppliers/registry.ts';
import {
  EVERY_SUPPLIER,
  isValidAt,
  newTokenKey,
  Role,
  SUPPLIERS_PER_TOKEN_MAX,
  sha256,
  TOKEN_ID_DIGITS,
  Token,
  tokenId,
} from '../../shared/suppliers/tokens.ts';
import { WrongUse } from '../command/command.ts';
import { readExpiry } from './expiry.ts';
import { tableOf } from './table-text.ts';

type Registry = ReturnType<typeof registry>;

/** A token that was made: its key is said here, once, and kept nowhere. */
export type MadeToken = { key: string; said: string };

/** The tokens, the latest first, for people: never their keys, which nobody has but who was given them. */
export async function listTokens(registered: Registry): Promise<string> {
  const tokens = (await registered.tokens()).sort((one, other) => other.created_at - one.created_at);
  if (tokens.length === 0) return 'There is no token.';
  return tableOf(
    ['id', 'role', 'created', 'last used', 'expires', 'revoked', 'name', 'suppliers'],
    tokens.map((token) => [
      tokenId(token),
      token.role,
      timeText(token.created_at),
      token.last_used_on ?? '-',
      timeText(token.expires_at),
      timeText(token.revoked_at),
      token.name,
      token.suppliers.join(','),
    ]),
  );
}

/** Makes a token. `suppliers` is a list of codes with commas between, or `*` for every one; empty: `*` for an operator. @throws WrongUse */
export async function addToken(
  registered: Registry,
  asked: { name: string; role: string; suppliers: string; expires: string | undefined },
  now: number,
): Promise<MadeToken> {
  const name = asked.name.trim();
  if (!v.is(Token.entries.name, name) || name === '') {
    throw new WrongUse('--name must say who holds the token, in 1 to 128 characters.');
  }
  const { role } = asked;
  if (!v.is(Role, role)) throw new WrongUse(`--role must be one of ${Role.options.join(', ')}, not ${role}.`);
  const expires_at = asked.expires === undefined ? undefined : readExpiry('--expires', asked.expires, now);
  const suppliers = await suppliersFor(registered, role, asked.suppliers);
  return make(registered, { name, role, suppliers, ...(expires_at !== undefined && { expires_at }) }, now);
}

/** Revokes a token at once. @throws WrongUse */
export async function revokeToken(registered: Registry, id: string, now: number): Promise<string> {
  const token = await tokenOf(registered, id);
  mustNotBeRevoked(token);
  if (!(await registered.revokeToken(token.sha256, now))) {
    throw new WrongUse(`The token ${tokenId(token)} was revoked by somebody else just now.`);
  }
  return `${tokenId(token)} (${token.name}) is revoked.`;
}

/**
 * Makes a token as another one is, and revokes that one, or has it expire at `oldUntil`, so that its holder can change over.
 * The new one expires at `expires`, or when the old one would have.
 *
 * @throws WrongUse
 */
export async function rotateToken(
  registered: Registry,
  { id, expires, oldUntil }: { id: string; expires: string | undefined; oldUntil: string | undefined },
  now: number,
): Promise<MadeToken> {
  const old = await tokenOf(registered, id);
  mustNotBeRevoked(old);
  if (expires === undefined && !isValidAt(old, now)) {
    throw new WrongUse(
      `The token ${tokenId(old)} has expired: say with --expires how long the new one lives.`,
    );
  }
  const expires_at = expires === undefined ? old.expires_at : readExpiry('--expires', expires, now);
  const until = oldUntil === undefined ? undefined : readExpiry('--old-until', oldUntil, now);
  const { name, role, suppliers } = old;
  // The new one first: whatever becomes of this command, its holder is never left without.
  const made = await make(
    registered,
    { name, role, suppliers, ...(expires_at !== undefined && { expires_at }) },
    now,
  );
  const end = Math.min(until ?? now, old.expires_at ?? Number.POSITIVE_INFINITY);
  if (until === undefined) await registered.revokeToken(old.sha256, now);
  else await registered.expireToken(old.sha256, end);
  const fate = until === undefined ? 'is revoked' : `expires at ${timeText(end)}`;
  return { key: made.key, said: `${made.said}\n${tokenId(old)}, in whose place it is, ${fate}.` };
}

async function make(
  registered: Registry,
  asked: Omit<Token, 'sha256' | 'created_at'>,
  now: number,
): Promise<MadeToken> {
  const key = newTokenKey();
  const token = { ...asked, sha256: sha256(key), created_at: now };
  await registered.putToken(token);
  const until = token.expires_at === undefined ? 'it does not expire' : `until ${timeText(token.expires_at)}`;
  return {
    key,
    said: `${tokenId(token)}: ${token.role} for ${suppliersText(token.suppliers)}, ${until}.`,
  };
}

/** The token that an id names: the first digits of its hash. @throws WrongUse */
async function tokenOf(registered: Registry, id: string): Promise<Token> {
  if (!/^[0-9a-f]{1,64}$/.test(id)) {
    throw new WrongUse(
      `--id must be the first ${TOKEN_ID_DIGITS} digits as listed, not ${JSON.stringify(id)}.`,
    );
  }
  const [token, ...others] = await registered.tokens(id);
  if (token === undefined) throw new WrongUse(`There is no token ${id}.`);
  if (others.length > 0)
    throw new WrongUse(`${others.length + 1} tokens begin with ${id}: give more digits.`);
  return token;
}

function mustNotBeRevoked(token: Token): void {
  if (token.revoked_at === undefined) return;
  throw new WrongUse(`The token ${tokenId(token)} was revoked at ${timeText(token.revoked_at)}.`);
}

/** Operators act on every supplier's imports, also on those that are registered later; others on those that they are given. */
async function suppliersFor(registered: Registry, role: Role, text: string): Promise<string[]> {
  const isEvery = text.trim() === EVERY_SUPPLIER || (text === '' && role === 'operator');
  if (!isEvery) return registeredCodes(registered, text);
  if (role !== 'operator') throw new WrongUse(`--suppliers '*' is for the role operator, not ${role}.`);
  return [EVERY_SUPPLIER];
}

async function registeredCodes(registered: Registry, text: string): Promise<string[]> {
  const codes = [...new Set(text.split(',').map((code) => code.trim()))].filter((code) => code !== '');
  if (codes.length === 0) throw new WrongUse('--suppliers must name at least one import supplier.');
  if (codes.length > SUPPLIERS_PER_TOKEN_MAX) {
    throw new WrongUse(
      `A token may use ${SUPPLIERS_PER_TOKEN_MAX} import suppliers at most, not ${codes.length}.`,
    );
  }
  const known = new Set((await registered.suppliersOf(codes)).map(({ code }) => code));
  const unknown = codes.filter((code) => !known.has(code));
  if (unknown.length > 0) throw new WrongUse(`Not registered: ${unknown.join(', ')}.`);
  return codes;
}

const suppliersText = (suppliers: readonly string[]): string =>
  suppliers.includes(EVERY_SUPPLIER) ? 'every supplier' : suppliers.join(', ');

const timeText = (at: number | undefined): string =>
  at === undefined ? '-' : new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
