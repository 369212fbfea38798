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
import { CommandError } from '../command/command.ts';
import { readExpiry } from './expiry.ts';
import { textTable } from './table-text.ts';

type Registry = ReturnType<typeof registry>;

/** A new token. Its key is returned only here, because the registry does not store it. */
export type CreatedToken = { key: string; summary: string };

/** Returns a table of the tokens without their keys, newest first. */
export async function listTokens(registered: Registry): Promise<string> {
  const tokens = (await registered.tokens()).sort((one, other) => other.created_at - one.created_at);
  if (tokens.length === 0) return 'There are no tokens.';
  return textTable(
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

/**
 * Creates a token. `suppliers` has codes separated by commas, or `*` for every supplier, which is the default of an operator.
 *
 * @throws CommandError for an invalid option
 */
export async function addToken(
  registered: Registry,
  options: { name: string; role: string; suppliers: string; expires: string | undefined },
  now: number,
): Promise<CreatedToken> {
  const name = options.name.trim();
  if (!v.is(Token.entries.name, name) || name === '') {
    throw new CommandError('--name must be the name of the token’s holder, of 1 to 128 characters.');
  }
  const { role } = options;
  if (!v.is(Role, role))
    throw new CommandError(`--role must be one of ${Role.options.join(', ')}, not ${role}.`);
  const expires_at =
    options.expires === undefined ? undefined : readExpiry('--expires', options.expires, now);
  const suppliers = await suppliersFor(registered, role, options.suppliers);
  return create(registered, { name, role, suppliers, ...(expires_at !== undefined && { expires_at }) }, now);
}

/** Revokes a token. @throws CommandError for an unknown or revoked token */
export async function revokeToken(registered: Registry, id: string, now: number): Promise<string> {
  const token = await findToken(registered, id);
  mustNotBeRevoked(token);
  if (!(await registered.revokeToken(token.sha256, now))) {
    throw new CommandError(`The token ${tokenId(token)} has just been revoked by someone else.`);
  }
  return `${tokenId(token)} (${token.name}) is revoked.`;
}

/**
 * Creates a token with the same name, role and suppliers as an old one, and revokes the old one, or sets its expiry to `oldUntil`. The
 * new token expires at `expires`, or when the old one would have.
 *
 * @throws CommandError for an unknown or revoked token, an invalid date, or an expired token without `expires`
 */
export async function rotateToken(
  registered: Registry,
  { id, expires, oldUntil }: { id: string; expires: string | undefined; oldUntil: string | undefined },
  now: number,
): Promise<CreatedToken> {
  const old = await findToken(registered, id);
  mustNotBeRevoked(old);
  if (expires === undefined && !isValidAt(old, now)) {
    throw new CommandError(
      `The token ${tokenId(old)} has expired. Use --expires to set the expiry of the new one.`,
    );
  }
  const expires_at = expires === undefined ? old.expires_at : readExpiry('--expires', expires, now);
  const until = oldUntil === undefined ? undefined : readExpiry('--old-until', oldUntil, now);
  const { name, role, suppliers } = old;
  // The new token is created first, so that the holder always has a valid one, even when this command fails.
  const created = await create(
    registered,
    { name, role, suppliers, ...(expires_at !== undefined && { expires_at }) },
    now,
  );
  const end = Math.min(until ?? now, old.expires_at ?? Number.POSITIVE_INFINITY);
  if (until === undefined) await registered.revokeToken(old.sha256, now);
  else await registered.expireToken(old.sha256, { from: old.expires_at, to: end });
  const oldState = until === undefined ? 'is revoked' : `expires at ${timeText(end)}`;
  return {
    key: created.key,
    summary: `${created.summary}\n${tokenId(old)}, which it replaces, ${oldState}.`,
  };
}

async function create(
  registered: Registry,
  properties: Omit<Token, 'sha256' | 'created_at'>,
  now: number,
): Promise<CreatedToken> {
  const key = newTokenKey();
  const token = { ...properties, sha256: sha256(key), created_at: now };
  await registered.putToken(token);
  const until = token.expires_at === undefined ? 'it does not expire' : `until ${timeText(token.expires_at)}`;
  return {
    key,
    summary: `${tokenId(token)}: ${token.role} for ${suppliersText(token.suppliers)}, ${until}.`,
  };
}

/** Returns the token whose hash begins with `id`. @throws CommandError for no such token, or more than one */
async function findToken(registered: Registry, id: string): Promise<Token> {
  if (!/^[0-9a-f]{1,64}$/.test(id)) {
    throw new CommandError(
      `--id must be the ${TOKEN_ID_DIGITS} digits that "tokens list" shows, not ${JSON.stringify(id)}.`,
    );
  }
  const [token, ...others] = await registered.tokens(id);
  if (token === undefined) throw new CommandError(`There is no token ${id}.`);
  if (others.length > 0)
    throw new CommandError(`${others.length + 1} tokens begin with ${id}. Use more digits.`);
  return token;
}

function mustNotBeRevoked(token: Token): void {
  if (token.revoked_at === undefined) return;
  throw new CommandError(`The token ${tokenId(token)} was revoked at ${timeText(token.revoked_at)}.`);
}

/** Reads --suppliers. The default of an operator is every supplier, including those registered later. */
async function suppliersFor(registered: Registry, role: Role, text: string): Promise<string[]> {
  const isEverySupplier = text.trim() === EVERY_SUPPLIER || (text === '' && role === 'operator');
  if (!isEverySupplier) return registeredCodes(registered, text);
  if (role !== 'operator') throw new CommandError(`--suppliers '*' is for the role operator, not ${role}.`);
  return [EVERY_SUPPLIER];
}

async function registeredCodes(registered: Registry, text: string): Promise<string[]> {
  const codes = [...new Set(text.split(',').map((code) => code.trim()))].filter((code) => code !== '');
  if (codes.length === 0) throw new CommandError('--suppliers must name at least one import supplier.');
  if (codes.length > SUPPLIERS_PER_TOKEN_MAX) {
    throw new CommandError(
      `A token may have at most ${SUPPLIERS_PER_TOKEN_MAX} import suppliers, not ${codes.length}.`,
    );
  }
  const known = new Set((await registered.suppliersOf(codes)).map(({ code }) => code));
  const unknown = codes.filter((code) => !known.has(code));
  if (unknown.length > 0) throw new CommandError(`Not registered: ${unknown.join(', ')}.`);
  return codes;
}

const suppliersText = (suppliers: readonly string[]): string =>
  suppliers.includes(EVERY_SUPPLIER) ? 'every supplier' : suppliers.join(', ');

const timeText = (at: number | undefined): string =>
  at === undefined ? '-' : new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
