import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { environmentNamed } from '../../infra/environments.ts';
import { SUPPLY_POINTS, send, startTestHost, type TestHost } from '../support/host.ts';
import { guideRequest } from '../support/requests.ts';
import { appOf } from '../support/synthesize.ts';

const assembly = mkdtempSync(join(tmpdir(), 'supply-point-import-throttled-'));
let host: TestHost;
beforeAll(async () => {
  const methodThrottle = { requestsPerSecond: 1, burstRequests: 10 };
  appOf({ ...environmentNamed('dev'), methodThrottle }, { outdir: assembly }).synth();
  host = await startTestHost({ assembly });
});
afterAll(async () => {
  await host.stop();
  rmSync(assembly, { recursive: true, force: true });
});

const VALIDATE = `${SUPPLY_POINTS}/validate/`;
const validate = () => send(host, 'POST', VALIDATE, { token: host.token, json: guideRequest() });

it('returns the contract’s 429 above the environment’s limit', async () => {
  const replies = await Promise.all(Array.from({ length: 50 }, validate));
  const statuses = new Set(replies.map(({ status }) => status));
  expect([...statuses].sort()).toEqual([200, 429]);
  const throttled = replies.find(({ status }) => status === 429)!;
  // No second sentence and no Retry-After: API Gateway does not provide the time to wait.
  expect(throttled.body).toEqual({ detail: 'Request was throttled.', code: 'throttled' });
  expect(throttled.headers.get('x-amzn-errortype')).toBe('THROTTLED');
  expect(throttled.headers.get('vary')).toBe('Accept');
});

it('limits each method separately, as a stage does', async () => {
  await Promise.all(Array.from({ length: 50 }, validate));
  const status = `${SUPPLY_POINTS}/TEST_SUPPLIER/4001248530/`;
  expect((await send(host, 'GET', status, { token: host.token })).status).toBe(404);
});

it.each(['status', 'authorizer'])(
  'answers 503 in the contract’s words when Lambda throttles %s',
  async (name) => {
    const path = `${SUPPLY_POINTS}/TEST_SUPPLIER/4001248530/`;
    // The token's authorization is not cached yet.
    const token = await host.tokenFor(['TEST_SUPPLIER']);
    host.reserve(name, 0);
    expect(await send(host, 'GET', path, { token })).toMatchObject({
      status: 503,
      body: { detail: 'A server error occurred.', code: 'error' },
    });
    host.reserve(name, undefined);
    await expect.poll(async () => (await send(host, 'GET', path, { token })).status).toBe(404);
  },
);

it('returns 404 for unknown paths to everybody without invoking a function', async () => {
  for (const path of ['/nothing', '/v2', '/v2/data-import/', `${SUPPLY_POINTS}/A/B/C/`]) {
    const reply = await send(host, 'POST', path, { json: guideRequest() });
    expect(reply, path).toMatchObject({ status: 404, body: { detail: 'Not found.', code: 'not_found' } });
    expect(reply.headers.get('x-amzn-errortype'), path).toBe('MISSING_AUTHENTICATION_TOKEN');
  }
  expect(host.logs('fallback')).toEqual([]);
});
