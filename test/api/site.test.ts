import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApiDocument } from '../../shared/api/openapi.ts';
import { startTestHost, type TestHost } from '../support/host.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${host.endpoints.api}${path}`, { method, headers, redirect: 'manual' });

describe('the reference site', () => {
  it('serves a page without a token, with a strict policy and a type', async () => {
    const response = await get('/docs/');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toContain(
      "default-src 'none'; script-src 'self'",
    );
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await response.text()).toContain('<h1>Supply Point Import</h1>');
  });

  it('compresses pages only for clients that accept gzip', async () => {
    const page = await (await get('/docs/codes/', { 'Accept-Encoding': 'identity' })).text();
    const packed = await get('/docs/codes/', { 'Accept-Encoding': 'br, gzip;q=0.5' });
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(packed.headers.get('vary')).toBe('Accept-Encoding');
    expect(await packed.text()).toBe(page);
    const refused = await get('/docs/codes/', { 'Accept-Encoding': 'gzip;q=0' });
    expect(refused.headers.get('content-encoding')).toBeNull();
    expect(await refused.text()).toBe(page);
    expect(() => gunzipSync(Buffer.from(page))).toThrow();
  });

  it('returns 304 to a client that has the page', async () => {
    const etag = (await get('/docs/')).headers.get('etag')!;
    expect((await get('/docs/', { 'If-None-Match': `"other", ${etag}` })).status).toBe(304);
    expect((await get('/docs/', { 'If-None-Match': '"other"' })).status).toBe(200);
  });

  it.each([
    ['/docs', 'docs/'],
    ['/docs/operations/validate', 'validate/'],
    ['/docs/codes', 'codes/'],
  ])('redirects %s to the address from which links are relative', async (path, location) => {
    const response = await get(path);
    expect(response.status).toBe(301);
    expect(response.headers.get('location')).toBe(location);
  });

  it.each(['/docs/nothing', '/docs/nothing/', '/docs/index.json', '/docs/..%2findex.json', '/docs/assets/'])(
    'returns 404 with a page of links for %s',
    async (path) => {
      const response = await get(path);
      expect(response.status).toBe(404);
      expect(await response.text()).toContain('There is no page at this address.');
    },
  );

  it('answers HEAD without a body, and rejects other methods with a token', async () => {
    const head = await get('/docs/', {}, 'HEAD');
    expect([head.status, await head.text()]).toEqual([200, '']);
    const post = await get('/docs/', { Authorization: `Token ${host.token}` }, 'POST');
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });
});

it('the NDJSON example is accepted by validate, and the CSV template has its values', async () => {
  const ndjson = await (await get('/docs/downloads/example.ndjson')).text();
  const response = await fetch(`${host.endpoints.api}/v2/data-import/supply-points/validate/`, {
    method: 'POST',
    headers: { Authorization: `Token ${host.token}`, 'Content-Type': 'application/json' },
    body: ndjson,
  });
  expect(response.status).toBe(200);
  const [header, row] = (await (await get('/docs/downloads/template.csv')).text()).split('\n');
  expect(header).toContain('supply_point.identifier,');
  expect(row).toContain('4001248530');
});

it('the OpenAPI document is that of the code', async () => {
  const response = await get('/openapi.json');
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(await response.json()).toEqual(JSON.parse(JSON.stringify(openApiDocument())));
});
