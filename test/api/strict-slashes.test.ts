import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SUPPLY_POINTS, send, startTestHost, type TestHost } from '../support/host.ts';
import { guideRequest } from '../support/requests.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost({ strictSlashes: true });
});
afterAll(() => host.stop());

const request = (method: string, path: string, headers: Record<string, string> = {}) =>
  fetch(`${host.endpoints.api}${path}`, { method, headers, redirect: 'manual' });

describe('a local host with strict slashes', () => {
  it.each([
    ['POST', `${SUPPLY_POINTS}/validate`, ''],
    ['POST', SUPPLY_POINTS, ''],
    ['GET', `${SUPPLY_POINTS}/TEST_SUPPLIER/4001248530`, ''],
    ['HEAD', `${SUPPLY_POINTS}/TEST_SUPPLIER/4001248530`, ''],
    ['DELETE', `${SUPPLY_POINTS}/TEST_SUPPLIER`, '?status=ERRORED&status=%&x=a/b?c'],
    ['GET', '/health', '?x'],
    ['GET', `${SUPPLY_POINTS}/TEST%5FSUPPLIER/a%20b`, '?'],
  ])(
    'redirects %s %s to the path with the trailing slash and its query, for every caller',
    async (method, path, query) => {
      for (const headers of [{}, { Authorization: `Token ${host.token}` }, { Accept: 'image/*' }]) {
        const response = await request(method, `${path}${query}`, headers);
        expect(response.status).toBe(301);
        const expected = query === '?' ? '' : query;
        expect(response.headers.get('location')).toBe(`${path}/${expected}`);
        expect(await response.text()).toBe('');
        expect(response.headers.get('vary')).toBe('Accept');
        expect(response.headers.get('x-content-type-options')).toBe('nosniff');
        expect(response.headers.get('x-kraken-correlation-id')).toMatch(/^[\w-]{36}$/);
      }
    },
  );

  it.each(['/v2', '/v1/x', `${SUPPLY_POINTS}x`, `${SUPPLY_POINTS}/a/b/c`, `${SUPPLY_POINTS}/a/b/c/d`, '//x'])(
    'does not redirect %s, which is no route',
    async (path) => {
      expect((await request('GET', path)).status).toBe(404);
    },
  );

  it('serves paths with the trailing slash, and a redirected request creates nothing', async () => {
    const options = { token: host.token, json: guideRequest() };
    expect((await send(host, 'POST', `${SUPPLY_POINTS}/validate/`, options)).status).toBe(200);
    // As most clients do, fetch follows a 301 to POST with GET, which is not allowed.
    expect((await send(host, 'POST', SUPPLY_POINTS, options)).status).toBe(405);
    const path = `${SUPPLY_POINTS}/TEST_SUPPLIER/4001248530/`;
    expect((await send(host, 'GET', path, { token: host.token })).status).toBe(404);
    expect((await request('GET', '/')).status).toBe(200);
  });
});
