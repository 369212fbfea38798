import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ScenariosBody, SupplierBody } from '../../shared/api/admin-schemas.ts';
import { pathOf } from '../../shared/api/operations.ts';
import { mapConcurrently } from '../../shared/map-concurrently.ts';
import { SUPPLIERS_MAX } from '../../shared/suppliers/registry.ts';
import { DOCUMENTED } from '../scenarios/documented.ts';
import { send, startTestHost, type TestHost } from '../support/host.ts';
import { guideRequest } from '../support/requests.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

const add = (json: object) => send(host, 'POST', pathOf('suppliers-add'), { token: host.token, json });
const change = (supplier: string, json: object) =>
  send(host, 'PUT', pathOf('suppliers-change', { supplier }), { token: host.token, json });
const listed = async () => {
  const { body } = await send(host, 'GET', pathOf('suppliers-list'), { token: host.token });
  return (body as { results: SupplierBody[] }).results;
};

describe('suppliers', () => {
  it('are registered, closed and opened, with effect on the API, and keep what else their items have', async () => {
    const added = await add({ code: 'NEW-1' });
    expect(added).toMatchObject({
      status: 201,
      body: {
        code: 'NEW-1',
        migration: 'open',
        ignores_unknown_columns: false,
        effective_within_seconds: 15,
      },
    });
    // With a new token each time: the authorizer's result for one is cached.
    const validate = async () => {
      const token = await host.tokenFor(['NEW-1']);
      const json = guideRequest({ supplier: 'NEW-1' });
      return (await send(host, 'POST', pathOf('validate'), { token, json })).status;
    };
    expect(await validate()).toBe(200);
    const item = { kind: 'import-suppliers', key: 'NEW-1', code: 'NEW-1', migration: 'open' };
    const more = { scenarios: DOCUMENTED.slice(0, 2), of_a_later_version: 1 };
    const TableName = host.endpoints.tables['registry']!;
    await host.dynamodb.send(new PutCommand({ TableName, Item: { ...item, ...more } }));

    expect((await change('NEW-1', { migration: 'closed' })).body).toMatchObject({
      migration: 'closed',
      scenarios: 2,
    });
    expect(await validate()).toBe(400);
    await change('NEW-1', { migration: 'open' });
    expect(await validate()).toBe(200);
    expect(await listed()).toMatchObject([
      { code: 'CLOSED_SUPPLIER', migration: 'closed', scenarios: 0 },
      { code: 'NEW-1', migration: 'open', scenarios: 2 },
      { code: 'TEST_SUPPLIER', migration: 'open', scenarios: DOCUMENTED.length },
    ]);
    expect(host.logs('admin-suppliers').join('\n')).toContain('"message":"supplier changed"');
  });

  it('ignore unknown columns, or not, whatever else is changed at the same time', async () => {
    await add({ code: 'COLUMNS', migration: 'closed', ignores_unknown_columns: true });
    await Promise.all([
      change('COLUMNS', { ignores_unknown_columns: false }),
      change('COLUMNS', { migration: 'open' }),
    ]);
    expect((await change('COLUMNS', {})).body).toMatchObject({
      migration: 'open',
      ignores_unknown_columns: false,
    });
    expect(await host.registered.get('COLUMNS')).toMatchObject({ ignores_unknown_columns: false });
  });

  it('are registered once, and a misspelt code registers none', async () => {
    const statuses = (await Promise.all([1, 2].map(() => add({ code: 'ONCE' })))).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 400]);
    expect((await add({ code: 'TEST_SUPPLIER', migration: 'closed' })).body).toEqual({
      code: ['An import supplier with this code is already registered.'],
    });
    expect((await change('NOBODY', { migration: 'open' })).status).toBe(404);
    expect(await host.registered.get('NOBODY')).toBeUndefined();
    expect(await host.registered.get('TEST_SUPPLIER')).toMatchObject({ migration: 'open' });
  });

  it.each([
    [{ code: 'lower' }, 'code'],
    [{ code: 'A#B' }, 'code'],
    [{ code: '' }, 'code'],
    [{}, 'code'],
    [{ code: 7 }, 'code'],
    [{ code: 'X', migration: 'ajar' }, 'migration'],
    [{ code: 'X', ignores_unknown_columns: 'yes' }, 'ignores_unknown_columns'],
    [{ code: 'X', closed: true }, 'closed'],
  ])('are not registered with %j', async (json, field) => {
    expect(await add(json)).toMatchObject({ status: 400, body: { [field]: [expect.any(String)] } });
    expect(await host.registered.get('X')).toBeUndefined();
  });
});

describe('scenarios', () => {
  const path = (supplier: string) => pathOf('scenarios-show', { supplier });
  const show = async (supplier: string) =>
    (await send(host, 'GET', path(supplier), { token: host.token })).body as ScenariosBody;
  const set = (supplier: string, json: object, token = host.token) =>
    send(host, 'PUT', path(supplier), { token, json });
  const rules = [{ identifiers: '4999*', outcome: 'PROCESSED', delaySeconds: 5 }];
  /** Registers a supplier and returns its code. The authorizer of a new token knows it at once. */
  const rehearsing = async (code: string) => {
    await host.registered.putSupplier({ code, migration: 'open' });
    return { code, token: await host.tokenFor([code], { role: 'operator' }) };
  };

  it('of TEST_SUPPLIER are those that are documented, each in words and with an identifier', async () => {
    const { allowed, results } = await show('TEST_SUPPLIER');
    expect(allowed).toBe(true);
    expect(results.map(({ rule }) => rule)).toEqual(DOCUMENTED);
    expect(
      results.map(({ example, applies_to, text }) => `${example} ${applies_to}: ${text}`),
    ).toMatchInlineSnapshot(`
        [
          "4999000001 imports: Ends ERRORED with supply_point_import_failed (domain supply_point_import).",
          "4999000002 imports: Ends ERRORED with account_import_failed (domain account_import).",
          "4999000003 dry_runs: A dry run ends DRY_RUN_ERRORED with account_import_failed (domain account_import).",
          "4999000004 imports: Ends ERRORED with supply_point_import_failed (domain supply_point_import) at the first attempt, not at later ones.",
          "4999000005 imports: Ends ERRORED with import_attempts_exhausted (domain import_process) at the first attempt, not at later ones.",
          "4999000006 imports: Ends PROCESSED after 5 seconds.",
          "4999000007 imports: Ends ERRORED after 5 seconds with account_import_failed (domain account_import).",
          "4999000028 requests: Is refused with 429 and Retry-After in the first 20 seconds of each minute.",
          "4999000029 requests: Is always refused with 429 and Retry-After.",
          "4999000053 requests: Is always refused with 503.",
        ]
      `);
  });

  it('are replaced and removed, without other changes to the supplier', async () => {
    const { code, token } = await rehearsing('REHEARSING');
    const read = async () => (await send(host, 'GET', path(code), { token })).body as ScenariosBody;
    expect(await read()).toMatchObject({ revision: 0, results: [] });
    const body = (await set(code, { rules }, token)).body as ScenariosBody;
    expect(body).toMatchObject({ revision: 1, effective_within_seconds: 15 });
    expect(body.results.map(({ rule }) => rule)).toEqual(rules);
    expect(await read()).toEqual(body);
    expect(await host.registered.get(code)).toMatchObject({ code, migration: 'open' });
    const cleared = await send(host, 'DELETE', path(code), { token });
    expect(cleared).toMatchObject({ status: 200, body: { revision: 2, results: [] } });
    expect(host.logs('scenarios').join('\n')).toContain('"message":"scenarios changed"');
  });

  it('are not overwritten when somebody else has changed them since', async () => {
    const { code, token } = await rehearsing('SHARED');
    const replies = await Promise.all([1, 2, 3].map(() => set(code, { rules, revision: 0 }, token)));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect(await set(code, { rules: [], revision: 0 }, token)).toMatchObject({
      status: 409,
      body: { code: 'scenarios_changed', detail: expect.stringContaining('revision is 1') },
    });
    expect((await set(code, { rules: [], revision: 1 }, token)).body).toMatchObject({
      revision: 2,
      results: [],
    });
  });

  it.each([
    [{}, 'This field is required.'],
    [{ rules: {} }, 'The rules must be a list.'],
    [{ rules: [{ identifiers: '499' }] }, 'rule 1, outcome'],
    [{ rules: [{ identifiers: '499*', outcome: 'THROTTLED', delaySeconds: 5 }] }, 'rule 1, delaySeconds'],
    [{ rules: [...rules, ...rules] }, 'rule 2: is never used'],
    [{ rules: [{ ...rules[0], delaySeconds: 5.5 }] }, 'rule 1, delaySeconds'],
  ])('%j are refused with the reason, and the previous ones stay', async (json, reason) => {
    const { body } = await set('TEST_SUPPLIER', json);
    expect((body as { rules: string[] }).rules.join('\n')).toContain(reason);
    expect((await show('TEST_SUPPLIER')).results).toHaveLength(DOCUMENTED.length);
  });

  it('are shown to viewers, changed by operators of the supplier only, and hidden from others', async () => {
    const json = { rules: [] };
    expect((await send(host, 'GET', path('TEST_SUPPLIER'), { token: host.viewerToken })).status).toBe(200);
    expect((await set('TEST_SUPPLIER', json, host.viewerToken)).status).toBe(403);
    const importer = await host.tokenFor(['TEST_SUPPLIER']);
    expect((await send(host, 'DELETE', path('TEST_SUPPLIER'), { token: importer })).status).toBe(403);
    await add({ code: 'JUST-ADDED' });
    expect((await set('JUST-ADDED', { rules })).status).toBe(200);
    const { token } = await rehearsing('STRANGER');
    for (const reply of [await set('TEST_SUPPLIER', json, token), await set('NOBODY', json)])
      expect(reply.status).toBe(404);
  });
});

// Last, because no supplier can be registered afterwards.
it('there are at most 100 suppliers', async () => {
  const more = SUPPLIERS_MAX - (await host.registered.list()).length;
  const codes = Array.from({ length: more }, (_, number) => `MANY-${number}`);
  await mapConcurrently(codes, 20, (code) => host.registered.addSupplier({ code, migration: 'closed' }));
  expect(await add({ code: 'ONE-MORE' })).toMatchObject({
    status: 400,
    body: { non_field_errors: ['There may be at most 100 import suppliers.'] },
  });
  expect(await host.registered.get('ONE-MORE')).toBeUndefined();
});
