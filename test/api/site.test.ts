import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
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

describe('the code samples of operations', () => {
  /** How a sample in each language is run. TypeScript’s have no types to remove. */
  const COMMANDS: readonly (readonly [language: string, command: string, ...arguments: string[]])[] = [
    ['curl', 'bash', '-c'],
    ['typescript', process.execPath, '--input-type=module', '-e'],
    ['python', 'python3', '-c'],
  ];
  const isInstalled = (command: string) => spawnSync(command, ['--version']).error === undefined;

  for (const [language, command, ...options] of COMMANDS) {
    const isMissing = !isInstalled(command) || (language === 'curl' && !isInstalled('curl'));
    const title = isMissing
      ? `SKIPPED in ${language}, because ${command} or curl is not installed`
      : `run in ${language}`;
    it.skipIf(isMissing)(title, async () => {
      const identifier = `400124853${language.length % 10}`;
      const run = async (operation: string): Promise<string> => {
        const page = await (await get(`/docs/operations/${operation}/`)).text();
        const [, sample = ''] =
          new RegExp(`data-language="${language}">.*?<code>(.*?)</code>`, 's').exec(page) ?? [];
        // Each language imports a supply point of its own.
        const program = unescaped(sample).replaceAll('4001248530', identifier);
        const env = { ...process.env, URL: host.endpoints.api, TOKEN: host.token };
        return (await execute(command, [...options, program], { env })).stdout;
      };
      const validated = await run('validate');
      expect([/\b200\b/.test(validated), validated]).toEqual([true, expect.stringContaining(identifier)]);
      expect(await run('create')).toMatch(/\b201\b/);
      const status = await run('status');
      expect([/\b200\b/.test(status), status]).toEqual([true, expect.stringContaining('kraken_identifier')]);
    });
  }
});

const execute = promisify(execFile);

/** The text of escaped HTML. */
const unescaped = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
