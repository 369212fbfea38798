import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SUPPLY_POINTS, send, startTestHost, type TestHost } from '../support/host.ts';
import { guideRequest } from '../support/requests.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

const VALIDATE = `${SUPPLY_POINTS}/validate/`;

describe('an unauthenticated caller', () => {
  const NOT_AUTHENTICATED = {
    status: 401,
    body: { detail: 'Authentication credentials were not provided.', code: 'not_authenticated' },
  };
  const INVALID = { status: 401, body: { detail: 'Invalid token.', code: 'authentication_failed' } };
  const routes = [
    ['POST', VALIDATE],
    ['POST', `${SUPPLY_POINTS}/`],
    ['GET', `${SUPPLY_POINTS}/TEST_SUPPLIER/4001248530/`],
    ['DELETE', `${SUPPLY_POINTS}/`],
  ] as const;

  it.each(routes)('gets 401 at %s %s', async (method, path) => {
    const reply = await send(host, method, path);
    expect(reply).toMatchObject(NOT_AUTHENTICATED);
    expect(reply.headers.get('www-authenticate')).toBe('Token');
  });

  it.each(['Bearer abc', 'Basic abc', 'Token', 'abc', ''])(
    'gets 401 with the authorization "%s"',
    async (value) => {
      const reply = await send(host, 'POST', VALIDATE, {
        json: guideRequest(),
        headers: { Authorization: value },
      });
      expect(reply).toMatchObject(NOT_AUTHENTICATED);
    },
  );

  it('has an unknown, revoked, expired or malformed token', async () => {
    const tokens = [
      'spi_unknown',
      await host.tokenFor(['TEST_SUPPLIER'], { revoked_at: 1 }),
      await host.tokenFor(['TEST_SUPPLIER'], { expires_at: Date.now() - 1 }),
      'two words',
      'x'.repeat(5000),
      '__proto__',
    ];
    for (const token of tokens) {
      const reply = await send(host, 'POST', VALIDATE, { token, json: guideRequest() });
      expect(reply, token.slice(0, 30)).toMatchObject(INVALID);
      expect(reply.headers.get('www-authenticate')).toBe('Token');
    }
  });

  it('is authenticated with the scheme in any case', async () => {
    const headers = { Authorization: `tOKEN ${host.token}` };
    expect((await send(host, 'POST', VALIDATE, { json: guideRequest(), headers })).status).toBe(200);
  });
});

describe('a viewer', () => {
  it.each([VALIDATE, `${SUPPLY_POINTS}/`])('gets 403 for POST %s with any body', async (path) => {
    const reply = await send(host, 'POST', path, { token: host.viewerToken, body: '{', headers: {} });
    expect(reply).toMatchObject({
      status: 403,
      body: { detail: 'You do not have permission to perform this action.', code: 'permission_denied' },
    });
  });

  it('may request a status', async () => {
    const reply = await send(host, 'GET', `${SUPPLY_POINTS}/TEST_SUPPLIER/4001248530/`, {
      token: host.viewerToken,
    });
    expect(reply.status).toBe(404);
  });
});

describe('without a token', () => {
  it.each(['/health/', '/health'])('%s returns 200 to load balancers', async (path) => {
    const reply = await send(host, 'GET', path);
    expect(reply).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(reply.headers.get('cache-control')).toBe('no-store');
    // With any header that a load balancer sends.
    expect((await send(host, 'GET', path, { token: 'x', headers: { Accept: 'text/plain' } })).status).toBe(
      200,
    );
    expect(await send(host, 'HEAD', path)).toMatchObject({ status: 200, text: '' });
  });

  it('/ is a page of working links, without scripts and without data of the request', async () => {
    const response = await fetch(`${host.endpoints.api}/?<script>`, { headers: { 'X-A': '<script>' } });
    const page = await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page).not.toContain('script');
    const links = [...page.matchAll(/href="([^"]+)"/g)].map(([, link]) => link!);
    expect(links).toEqual(['v2/data-import/supply-points/', 'health/', 'docs/']);
    const found = links.map((link) => fetch(new URL(link, `${host.endpoints.api}/`)));
    expect((await Promise.all(found)).map(({ status }) => status)).toEqual([401, 200, 200]);
  });

  it.each(['/', '/health/'])('%s returns 405 for other methods to everybody', async (path) => {
    const reply = await send(host, 'POST', path, { body: '{' });
    expect(reply).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } });
    expect(reply.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  });
});
