import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenBody } from '../../shared/api/admin-schemas.ts';
import { pathOf } from '../../shared/api/operations.ts';
import { mapConcurrently } from '../../shared/map-concurrently.ts';
import { rotateToken } from '../../shared/suppliers/token-changes.ts';
import { EVERY_SUPPLIER, newTokenKey, type Role, sha256, type Token } from '../../shared/suppliers/tokens.ts';
import { type Reply, send, startTestHost, type TestHost } from '../support/host.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

const LIST = pathOf('tokens-list');
/** Longer than the time to live of the authorizer's cache in dev. */
const cacheExpired = { timeout: 20_000, interval: 500 };

const post = (path: string, json: unknown, token = host.token) => send(host, 'POST', path, { token, json });
const create = (json: object, token?: string) => post(LIST, json, token);
const rotate = (id: string, json: object = {}, token?: string) =>
  post(pathOf('tokens-rotate', { token: id }), json, token);
const revoke = (id: string, json: object = {}, token?: string) =>
  post(pathOf('tokens-revoke', { token: id }), json, token);
const meStatus = async (token: string) => (await send(host, 'GET', pathOf('me'), { token })).status;
const idOf = (key: string): string => sha256(key).slice(0, 12);

const IMPORTER = { name: 'pipeline', role: 'importer', suppliers: ['TEST_SUPPLIER'] };
type Created = { key: string; token: TokenBody; old: TokenBody };
const bodyOf = ({ status, text, body }: Reply): Created => {
  expect(status, text).toBe(201);
  return body as Created;
};
const createdAs = async (json: object, token?: string) => bodyOf(await create(json, token));
/** The newest tokens. */
const listed = async (token = host.token) => {
  const { body } = await send(host, 'GET', LIST, { token });
  return (body as { results: TokenBody[] }).results;
};

describe('a token', () => {
  it('is valid at once and until it is revoked, and its key is shown only once and not stored', async () => {
    const reply = await create({ ...IMPORTER, expires_at: '2999-01-31' });
    expect(reply.headers.get('cache-control')).toBe('no-store');
    const { key, token } = bodyOf(reply);
    expect(key).toMatch(/^spi_[\w-]{43}$/);
    expect(token).toEqual({
      id: idOf(key),
      ...IMPORTER,
      state: 'valid',
      is_own: false,
      created_at: expect.stringMatching(/^20/),
      expires_at: '2999-01-31T00:00:00.000000+11:00',
      revoked_at: null,
      last_used_on: null,
    });
    expect(await meStatus(key)).toBe(200);
    expect(JSON.stringify(await host.registered.token(sha256(key)))).not.toContain(key.slice(4));
    const all = await listed();
    expect(JSON.stringify(all)).not.toContain(key.slice(4));
    const today = expect.stringMatching(/^\d{4}-\d\d-\d\d$/);
    expect(all[0]).toEqual({ ...token, last_used_on: today });

    const revoked = await revoke(token.id);
    expect(revoked).toMatchObject({ status: 200, body: { state: 'revoked', effective_within_seconds: 5 } });
    // To repeat it is safe.
    expect((await revoke(token.id)).body).toEqual(revoked.body);
    await expect.poll(() => meStatus(key), cacheExpired).toBe(401);
    expect(await rotate(token.id)).toMatchObject({ status: 409, body: { code: 'token_cannot_be_rotated' } });
    const log = host.logs('admin-tokens').join('\n');
    expect(log).toContain(`"message":"token revoked"`);
    expect(log).toContain(token.id);
    expect(log).not.toContain(key.slice(4));
  });

  it('of an operator is for every supplier unless it names some', async () => {
    const every = await createdAs({ name: 'ops', role: 'operator' });
    expect(every.token.suppliers).toEqual([EVERY_SUPPLIER]);
    const some = await createdAs({ name: 'ops', role: 'operator', suppliers: ['TEST_SUPPLIER'] });
    const isAdministrator = async (token: string) => {
      const { body } = await send(host, 'GET', pathOf('me'), { token });
      return (body as { is_administrator: boolean }).is_administrator;
    };
    expect([await isAdministrator(every.key), await isAdministrator(some.key)]).toEqual([true, false]);
    expect((await send(host, 'GET', LIST, { token: some.key })).status).toBe(403);
  });

  it('that ended more than 90 days ago is not listed', async () => {
    const day = 24 * 60 * 60 * 1000;
    const ended = (days: number) => ({ revoked_at: Date.now() - days * day });
    const [recent, old] = [await host.tokenFor([], ended(89)), await host.tokenFor([], ended(91))];
    const ids = (await listed()).map(({ id }) => id);
    expect([ids.includes(idOf(recent)), ids.includes(idOf(old))]).toEqual([true, false]);
  });

  it('is on one page of the list, also when others were created in the same millisecond', async () => {
    const made = Array.from({ length: 450 }, () => ({
      sha256: sha256(newTokenKey()),
      name: 'paged',
      role: 'viewer' as const,
      suppliers: ['TEST_SUPPLIER'],
      created_at: Date.UTC(2020, 0, 1),
    }));
    await mapConcurrently(made, 20, (token) => host.registered.putToken(token));
    const found: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const path = cursor === '' ? LIST : `${LIST}?cursor=${cursor}`;
      const { body } = await send(host, 'GET', path, { token: host.token });
      const page = body as { results: TokenBody[]; next_cursor: string | null };
      expect(page.results.length).toBeLessThanOrEqual(200);
      found.push(...page.results.filter(({ name }) => name === 'paged').map(({ id }) => id));
      cursor = page.next_cursor;
    }
    expect(found.sort()).toEqual(made.map(({ sha256 }) => sha256.slice(0, 12)).sort());
    const invalid = await send(host, 'GET', `${LIST}?cursor=x`, { token: host.token });
    expect(invalid).toMatchObject({ status: 400, body: { cursor: ['Invalid cursor.'] } });
  });

  it('is not created with errors, which all are named', async () => {
    const before = await host.registered.tokens();
    const { status, body } = await create({ role: 'king', expires: '2999-01-01' });
    expect([status, Object.keys(body as object).sort()]).toEqual([400, ['expires', 'name', 'role']]);
    expect(await create({ ...IMPORTER, suppliers: ['NOBODY'] })).toMatchObject({
      status: 400,
      body: { suppliers: ['"NOBODY" is not a registered import supplier.'] },
    });
    expect(await host.registered.tokens()).toHaveLength(before.length);
  });
});

describe('a rotation', () => {
  it('creates a token with the same rights, and ends the old one', async () => {
    const first = await createdAs({ ...IMPORTER, expires_at: '2999-01-31' });
    const { key, token, old } = bodyOf(await rotate(first.token.id));
    expect(old).toMatchObject({ id: first.token.id, state: 'revoked' });
    const { id: _, created_at: __, ...same } = first.token;
    expect(token).toMatchObject(same);
    expect(await meStatus(key)).toBe(200);
  });

  it('can leave the old one valid for a while, but never for longer than it was', async () => {
    const first = await createdAs({ ...IMPORTER, expires_at: '2999-01-31' });
    const times = { expires_at: '3000-01-01', old_until: '2998-12-31T00:00:00Z' };
    const { token, old } = bodyOf(await rotate(first.token.id, times));
    expect(token.expires_at).toMatch(/^3000-01-01T00/);
    expect(old).toMatchObject({ state: 'valid', expires_at: '2998-12-31T11:00:00.000000+11:00' });
    const again = bodyOf(await rotate(first.token.id, { old_until: '3001-01-01' }));
    expect(again.old.expires_at).toBe(old.expires_at);
  });

  it('of an expired token needs the new one’s expiry', async () => {
    const id = idOf(await host.tokenFor(['TEST_SUPPLIER'], { expires_at: Date.now() - 1 }));
    expect(await rotate(id)).toMatchObject({ status: 400, body: { expires_at: [expect.any(String)] } });
    expect(bodyOf(await rotate(id, { expires_at: '2999-01-01' })).token.state).toBe('valid');
  });

  it('succeeds once when a token is rotated twice at the same time', async () => {
    const { token } = await createdAs({ ...IMPORTER, name: 'rotated twice' });
    const replies = await Promise.all([1, 2, 3].map(() => rotate(token.id)));
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    const valid = (await listed()).filter(({ name, state }) => name === 'rotated twice' && state === 'valid');
    expect(valid).toHaveLength(1);
  });

  it.each([
    ['ends the old one at once', undefined],
    ['ends it later', Date.UTC(2999, 0, 1)],
  ])(
    'that %s leaves no key of its own valid when another revokes the token in between',
    async (_, oldUntil) => {
      const name = `revoked in between ${oldUntil}`;
      const { token } = await createdAs({ ...IMPORTER, name });
      const now = Date.now();
      const interrupted = {
        ...host.registered,
        putToken: async (made: Token) => {
          await host.registered.putToken(made);
          await revoke(token.id);
        },
      };
      const times = { expiresAt: undefined, oldUntil };
      const context = { now, administratorExpiresAt: undefined };
      expect(await rotateToken(interrupted, token.id, times, context)).toEqual({ kind: 'revoked' });
      const states = (await listed()).filter((each) => each.name === name).map(({ state }) => state);
      expect(states).toEqual(['revoked', 'revoked']);
    },
  );

  it.each(['000000000000', 'nope', '0123'])('of the unknown token %s is not found', async (id) => {
    expect([(await rotate(id)).status, (await revoke(id)).status]).toEqual([404, 404]);
  });
});

describe('an administrator', () => {
  it.each<[string, Role, string[]]>([
    ['a viewer', 'viewer', ['TEST_SUPPLIER']],
    ['an importer', 'importer', ['TEST_SUPPLIER']],
    ['an operator of some suppliers', 'operator', ['TEST_SUPPLIER', 'CLOSED_SUPPLIER']],
    // A role without its permission, whatever the suppliers say.
    ['a viewer of every supplier', 'viewer', [EVERY_SUPPLIER]],
  ])('is not %s: every operation is 403', async (_, role, suppliers) => {
    const token = await host.tokenFor(suppliers, { role });
    const own = idOf(token);
    const replies = await Promise.all([
      send(host, 'GET', LIST, { token }),
      create({ name: 'x', role: 'operator' }, token),
      rotate(own, {}, token),
      revoke(own, {}, token),
      send(host, 'GET', pathOf('suppliers-list'), { token }),
      post(pathOf('suppliers-add'), { code: 'MINE' }, token),
      send(host, 'PUT', pathOf('suppliers-change', { supplier: 'TEST_SUPPLIER' }), { token, json: {} }),
    ]);
    for (const reply of replies)
      expect(reply).toMatchObject({ status: 403, body: { code: 'permission_denied' } });
  });

  it('whose token was just revoked creates no other, although the authorizer’s result is cached', async () => {
    const { key, token } = await createdAs({ name: 'leaver', role: 'operator' });
    expect((await listed(key)).find(({ is_own }) => is_own)!.id).toBe(token.id);
    await revoke(token.id);
    const before = await host.registered.tokens();
    expect((await create({ name: 'successor', role: 'operator' }, key)).status).toBe(401);
    expect((await rotate(token.id, {}, key)).status).toBe(401);
    expect((await post(pathOf('suppliers-add'), { code: 'LEAVER' }, key)).status).toBe(401);
    expect(await host.registered.tokens()).toHaveLength(before.length);
  });

  it('whose token expires creates no administrator who lasts longer, nor makes itself last longer', async () => {
    const { key, token } = await createdAs({ name: 'temporary', role: 'operator', expires_at: '2998-01-01' });
    const administrator = { name: 'later', role: 'operator' };
    for (const reply of [
      await create(administrator, key),
      await create({ ...administrator, expires_at: '2998-01-02' }, key),
      await rotate(token.id, { expires_at: '2999-01-01' }, key),
      await rotate(idOf(host.token), { old_until: '2999-01-01' }, key),
    ])
      expect(reply).toMatchObject({
        status: 400,
        body: { expires_at: [expect.stringContaining('2998-01-01')] },
      });
    await createdAs({ ...administrator, expires_at: '2998-01-01' }, key);
    await createdAs({ ...IMPORTER, expires_at: '2999-01-01' }, key);
    const { key: next } = bodyOf(await rotate(token.id, {}, key));
    expect(await meStatus(next)).toBe(200);
  });

  it('does not revoke the last administrator by accident', async () => {
    const administrators = (await listed()).filter(
      ({ role, suppliers, state, is_own }) =>
        role === 'operator' && suppliers.includes(EVERY_SUPPLIER) && state === 'valid' && !is_own,
    );
    for (const { id } of administrators) expect((await revoke(id)).status).toBe(200);
    const own = idOf(host.token);
    const refused = await revoke(own);
    expect(refused).toMatchObject({ status: 409, body: { code: 'last_administrator' } });
    expect((refused.body as { detail: string }).detail).toContain('even_if_last');
    const { key } = bodyOf(await rotate(own));
    expect((await revoke(idOf(key), { even_if_last: true }, key)).status).toBe(200);
    expect((await listed(key).catch(() => 'refused')) ?? 'refused').toBe('refused');
  });
});
