import { afterAll, beforeAll, expect, it } from 'vitest';
import { meBody } from '../../functions/edge/me-body.ts';
import { environmentFacts } from '../../infra/cloud/environment-facts.ts';
import { environmentNamed } from '../../infra/environments.ts';
import { pathOf } from '../../shared/api/operations.ts';
import { EVERY_SUPPLIER } from '../../shared/suppliers/tokens.ts';
import { send, startTestHost, type TestHost } from '../support/host.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host?.stop());

const me = (token?: string) => send(host, 'GET', pathOf('me'), { token });

it('tells a viewer its role, suppliers and expiry, and the environment’s limits', async () => {
  const expiresAt = Date.UTC(2099, 0, 1);
  const token = await host.tokenFor(['TEST_SUPPLIER', 'NOT_REGISTERED'], {
    role: 'viewer',
    expires_at: expiresAt,
  });
  const { status, body } = await me(token);
  expect(status).toBe(200);
  expect(body).toEqual({
    role: 'viewer',
    is_administrator: false,
    token: {
      name: 'test',
      expires_at: '2099-01-01T11:00:00.000000+11:00',
    },
    suppliers: [{ code: 'TEST_SUPPLIER', migration: 'open' }],
    environment: { name: 'dev', time_zone: 'Australia/Sydney', scenarios_allowed: true },
    limits: {
      request_body_bytes: 262_144,
      // Those of test/support/assembly.ts.
      requests_per_second: 10_000,
      burst_requests: 5000,
      schedule_window_days: 4,
      page_size: 100,
      imports_per_redrive: 200,
      drop_ndjson_file_bytes: 100 * 1024 ** 3,
      drop_other_file_bytes: 5 * 1024 ** 3,
      drop_row_bytes: 262_144,
    },
  });
});

it('lists every registered supplier to an operator whose token names none', async () => {
  const token = await host.tokenFor([EVERY_SUPPLIER], { role: 'operator' });
  expect((await me(token)).body).toMatchObject({
    role: 'operator',
    is_administrator: true,
    token: { name: 'test', expires_at: null },
    suppliers: [
      { code: 'CLOSED_SUPPLIER', migration: 'closed' },
      { code: 'TEST_SUPPLIER', migration: 'open' },
    ],
  });
});

it('responds with 401 to missing, unknown and expired tokens', async () => {
  const expired = await host.tokenFor(['TEST_SUPPLIER'], { expires_at: Date.now() - 1 });
  const statuses = await Promise.all([me(), me('spi_unknown'), me(expired)]);
  expect(statuses.map(({ status, body }) => [status, (body as { code: string }).code])).toEqual([
    [401, 'not_authenticated'],
    [401, 'authentication_failed'],
    [401, 'authentication_failed'],
  ]);
});

it('responds with 405 to other methods', async () => {
  const { status, headers } = await send(host, 'POST', pathOf('me'), { token: host.token });
  expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
});

it('has no token’s name and expiry when an earlier version of the authorizer did not pass them', () => {
  const { LIMITS } = environmentFacts(environmentNamed('prod'));
  const environment = {
    name: 'prod',
    timeZone: 'UTC',
    scenariosAllowed: false,
    limits: JSON.parse(LIMITS),
  };
  expect(meBody({ role: 'importer', suppliers: {} }, environment)).toMatchObject({
    token: null,
    suppliers: [],
    environment: { name: 'prod', time_zone: 'UTC', scenarios_allowed: false },
    limits: { requests_per_second: 1000, burst_requests: 2000 },
  });
});
