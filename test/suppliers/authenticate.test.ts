import { describe, expect, it } from 'vitest';
import { authenticate } from '../../shared/suppliers/authenticate.ts';
import type { TokenRegistry } from '../../shared/suppliers/registry.ts';
import { isSameHash, newTokenKey, sha256, type Token, tokenId } from '../../shared/suppliers/tokens.ts';

const KEY = newTokenKey();
const TOKEN: Token = {
  sha256: sha256(KEY),
  name: 'holder',
  role: 'importer',
  suppliers: ['A', 'GONE'],
  created_at: 0,
};

/** A registry that returns this token for every hash. */
const answering = (token: Token | undefined): TokenRegistry => ({
  token: async () => token,
  suppliersOf: async () => [{ code: 'A', migration: 'closed' }],
  recordUse: async () => true,
});
const noFailure = (error: unknown) => expect.unreachable(String(error));
const callerOf = (token: Token | undefined, authorization = `Token ${KEY}`, now = 1000) =>
  authenticate(answering(token), noFailure)(authorization, now);

describe('authenticate', () => {
  it('returns the caller of a token with the hash of the key', async () => {
    expect(await callerOf(TOKEN)).toEqual({
      role: 'importer',
      suppliers: { A: 'closed' },
      token: { id: tokenId(TOKEN), name: TOKEN.name },
    });
  });

  it.each([
    ['first', (hash: string) => (hash[0] === '0' ? '1' : '0') + hash.slice(1)],
    ['last', (hash: string) => hash.slice(0, -1) + (hash.at(-1) === '0' ? '1' : '0')],
  ])(
    'rejects a token whose hash differs in its %s digit, although the lookup returned it',
    async (_, differ) => {
      expect(await callerOf({ ...TOKEN, sha256: differ(TOKEN.sha256) })).toBeUndefined();
    },
  );

  it.each([
    ['unknown', undefined],
    ['revoked', { ...TOKEN, revoked_at: 1 }],
    ['expired at this moment', { ...TOKEN, expires_at: 1000 }],
  ])('rejects a token that is %s', async (_, token) => {
    expect(await callerOf(token)).toBeUndefined();
  });

  it('accepts a token until the moment of its expiry', async () => {
    expect(await callerOf({ ...TOKEN, expires_at: 1001 })).toMatchObject({ expiresAt: 1001 });
  });

  it.each([`Token  ${KEY}`, `Token ${KEY} `, `Bearer ${KEY}`, KEY, 'Token', '', `Token ${'x'.repeat(500)}`])(
    'rejects the header "%s"',
    async (header) => {
      expect(await callerOf(TOKEN, header)).toBeUndefined();
    },
  );
});

describe('the last day of use', () => {
  const DAY = Date.parse('2026-11-24T23:59:59.999Z');
  const recordedBy = async (token: Token | undefined, now = DAY, fails = false) => {
    const recorded: string[][] = [];
    const failures: unknown[] = [];
    const recordUse = async (...use: [string, string]) => {
      recorded.push(use);
      if (fails) throw new Error('throttled');
      return true;
    };
    const find = authenticate({ ...answering(token), recordUse }, (error) => failures.push(error));
    return { caller: await find(`Token ${KEY}`, now), recorded, failures };
  };

  it('is recorded once a day, in UTC', async () => {
    const first = await recordedBy(TOKEN);
    expect(first.recorded).toEqual([[TOKEN.sha256, '2026-11-24']]);
    const used = { ...TOKEN, last_used_on: '2026-11-24' };
    expect((await recordedBy(used)).recorded).toEqual([]);
    expect((await recordedBy(used, DAY + 1)).recorded).toEqual([[TOKEN.sha256, '2026-11-25']]);
  });

  it('is not recorded for an invalid token', async () => {
    for (const token of [undefined, { ...TOKEN, revoked_at: 1 }, { ...TOKEN, expires_at: DAY }]) {
      expect(await recordedBy(token)).toMatchObject({ caller: undefined, recorded: [] });
    }
  });

  it('does not reject the caller when it cannot be recorded', async () => {
    const { caller, failures } = await recordedBy(TOKEN, DAY, true);
    expect(caller).toEqual({
      role: 'importer',
      suppliers: { A: 'closed' },
      token: { id: tokenId(TOKEN), name: TOKEN.name },
    });
    expect(failures).toEqual([new Error('throttled')]);
  });
});

describe('isSameHash', () => {
  const hash = sha256('a');
  it.each([
    ['itself', hash, true],
    ['itself in capitals', hash.toUpperCase(), true],
    ['another', sha256('b'), false],
    ['its first digits', hash.slice(0, 62), false],
    ['itself and more digits', `${hash}00`, false],
    ['text that is not hex', 'not hex', false],
    ['nothing', '', false],
  ])('compares a hash with %s', (_, other, same) => {
    expect(isSameHash(hash, other)).toBe(same);
    expect(isSameHash(other, hash)).toBe(same);
  });

  it('returns false for two empty texts', () => {
    expect(isSameHash('', '')).toBe(false);
  });
});
