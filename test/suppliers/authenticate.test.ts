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

/** A registry that answers with one token whatever it is asked for. */
const answering = (token: Token | undefined): TokenRegistry => ({
  token: async () => token,
  suppliersOf: async () => [{ code: 'A', migration: 'closed' }],
  recordUse: async () => true,
});
const noFailure = (error: unknown) => expect.unreachable(String(error));
const callerOf = (token: Token | undefined, authorization = `Token ${KEY}`, now = 1000) =>
  authenticate(answering(token), noFailure)(authorization, now);

describe('a caller', () => {
  it('is known by a token whose hash is the key’s', async () => {
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
    'is not known by a token whose hash differs in its %s digit, whatever the lookup found',
    async (_, differ) => {
      expect(await callerOf({ ...TOKEN, sha256: differ(TOKEN.sha256) })).toBeUndefined();
    },
  );

  it.each([
    ['unknown', undefined],
    ['revoked', { ...TOKEN, revoked_at: 1 }],
    ['expired just now', { ...TOKEN, expires_at: 1000 }],
  ])('is not known by a token that is %s', async (_, token) => {
    expect(await callerOf(token)).toBeUndefined();
  });

  it('is known until the moment of expiry', async () => {
    expect(await callerOf({ ...TOKEN, expires_at: 1001 })).toMatchObject({ expiresAt: 1001 });
  });

  it.each([`Token  ${KEY}`, `Token ${KEY} `, `Bearer ${KEY}`, KEY, 'Token', '', `Token ${'x'.repeat(500)}`])(
    'is not known by the header "%s"',
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

  it('is recorded once a day in UTC', async () => {
    const first = await recordedBy(TOKEN);
    expect(first.recorded).toEqual([[TOKEN.sha256, '2026-11-24']]);
    const used = { ...TOKEN, last_used_on: '2026-11-24' };
    expect((await recordedBy(used)).recorded).toEqual([]);
    expect((await recordedBy(used, DAY + 1)).recorded).toEqual([[TOKEN.sha256, '2026-11-25']]);
  });

  it('is not recorded of a token that is not valid', async () => {
    for (const token of [undefined, { ...TOKEN, revoked_at: 1 }, { ...TOKEN, expires_at: DAY }]) {
      expect(await recordedBy(token)).toMatchObject({ caller: undefined, recorded: [] });
    }
  });

  it('that cannot be recorded refuses nobody', async () => {
    const { caller, failures } = await recordedBy(TOKEN, DAY, true);
    expect(caller).toEqual({
      role: 'importer',
      suppliers: { A: 'closed' },
      token: { id: tokenId(TOKEN), name: TOKEN.name },
    });
    expect(failures).toEqual([new Error('throttled')]);
  });
});

describe('hashes', () => {
  const hash = sha256('a');
  it.each([
    ['itself', hash, true],
    ['itself in capitals, which is the same number', hash.toUpperCase(), true],
    ['another', sha256('b'), false],
    ['a beginning of it', hash.slice(0, 62), false],
    ['more than it', `${hash}00`, false],
    ['no hash', 'not hex', false],
    ['nothing', '', false],
  ])('are compared with %s', (_, other, same) => {
    expect(isSameHash(hash, other)).toBe(same);
    expect(isSameHash(other, hash)).toBe(same);
  });

  it('that are nothing are not the same', () => {
    expect(isSameHash('', '')).toBe(false);
  });
});
