import { request as httpRequest } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acceptsJson } from '../../functions/edge/accept.ts';
import { type Reply, SUPPLY_POINTS, send, startTestHost, type TestHost } from '../support/host.ts';
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

describe('paths and methods', () => {
  const STATUS = `${SUPPLY_POINTS}/TEST_SUPPLIER/4001248530/`;
  const TO_POST = 'POST, OPTIONS';
  const TO_GET = 'GET, HEAD, OPTIONS';
  it.each([
    ['PUT', `${SUPPLY_POINTS}/`, TO_POST],
    ['GET', `${SUPPLY_POINTS}/`, TO_POST],
    ['PATCH', VALIDATE, TO_POST],
    ['GET', VALIDATE.slice(0, -1), TO_POST],
    ['POST', STATUS, TO_GET],
    ['DELETE', STATUS.slice(0, -1), TO_GET],
  ])('%s %s returns 405 and allows %s', async (method, path, allow) => {
    const reply = await send(host, method, path, { token: host.token });
    expect(reply).toMatchObject({
      status: 405,
      body: { detail: `Method "${method}" not allowed.`, code: 'method_not_allowed' },
    });
    expect(reply.headers.get('allow')).toBe(allow);
  });

  it.each([
    [VALIDATE, TO_POST],
    [STATUS, TO_GET],
  ])('OPTIONS %s returns the methods %s to authenticated callers', async (path, allow) => {
    const reply = await send(host, 'OPTIONS', path, { token: host.token });
    expect(reply).toMatchObject({
      status: 200,
      body: {
        name: 'Supply Point Import',
        description: '',
        renders: ['application/json'],
        parses: ['application/json'],
      },
    });
    expect(reply.headers.get('allow')).toBe(allow);
    expect((await send(host, 'OPTIONS', path)).status).toBe(401);
  });

  it.each([
    ['the status', STATUS, 404],
    ['the list', `${SUPPLY_POINTS}/TEST_SUPPLIER/`, 200],
    ['what only POST has', VALIDATE, 405],
    ['an unknown path', '/v1/x', 404],
  ])('HEAD of %s returns the response to GET without its body', async (_, path, status) => {
    const [head, get] = await Promise.all(
      ['HEAD', 'GET'].map((method) => send(host, method, path, { token: host.token })),
    );
    expect([head!.status, head!.text]).toEqual([status, '']);
    expect(get!.status).toBe(status);
    for (const name of ['content-type', 'allow', 'vary']) {
      expect(head!.headers.get(name)).toBe(get!.headers.get(name));
    }
    expect((await send(host, 'HEAD', STATUS)).status).toBe(401);
  });

  it.each([
    '/v2',
    '/v2/',
    '/v2/data-import/',
    '/v1/x',
    `${SUPPLY_POINTS}/a/b/c/`,
    `${SUPPLY_POINTS}x`,
    '/favicon.ico',
  ])('%s returns 404 with and without a token', async (path) => {
    for (const token of [undefined, host.token, 'unknown']) {
      for (const method of ['GET', 'POST', 'PUT', 'OPTIONS']) {
        expect(await send(host, method, path, { token })).toMatchObject({
          status: 404,
          body: { detail: 'Not found.', code: 'not_found' },
        });
      }
    }
  });

  it('are the same with and without the trailing slash', async () => {
    for (const path of [VALIDATE, VALIDATE.slice(0, -1)]) {
      expect((await send(host, 'POST', path, { token: host.token, json: guideRequest() })).status).toBe(200);
    }
    for (const path of [`${SUPPLY_POINTS}/TEST_SUPPLIER/NOPE`, `${SUPPLY_POINTS}/TEST_SUPPLIER/NOPE/`]) {
      expect(await send(host, 'GET', path, { token: host.token })).toMatchObject({
        status: 404,
        body: { detail: 'The requested resource was not found.', code: 'not_found' },
      });
    }
  });

  it.each([
    'TEST_SUPPLIER/%00/',
    'TEST_SUPPLIER/%F0%9F%90%99/',
    'TEST_SUPPLIER/%ff/',
    'TEST_SUPPLIER/%/',
    'TEST_SUPPLIER/%2F%2e%2e%2f/',
    'TEST_SUPPLIER/a%23b/',
    `TEST_SUPPLIER/${'x'.repeat(3000)}/`,
    '__proto__/constructor/',
    'TEST_SUPPLIER%23x/y/',
    'TEST_SUPPLIER/a%20b?status=1&status=2&%=%',
    '//x/',
    '../../../../etc/passwd',
  ])('the unusual path %s returns 4xx', async (rest) => {
    const status = await rawStatus('GET', `${SUPPLY_POINTS}/${rest}`);
    expect([400, 404]).toContain(status);
  });

  /** Sends the path unchanged. fetch would normalize it. */
  const rawStatus = (method: string, path: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const headers = { Authorization: `Token ${host.token}` };
      httpRequest(`${host.endpoints.api}/`, { method, path, headers }, (response) => {
        response.resume();
        resolve(response.statusCode!);
      })
        .on('error', reject)
        .end();
    });
});

describe('Accept', () => {
  it.each([
    [undefined, true],
    ['*/*', true],
    ['application/json', true],
    ['APPLICATION/JSON; indent=4', true],
    ['application/*', true],
    ['*/json', true],
    ['text/html', true],
    ['text/*', true],
    ['text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2', true],
    ['text/plain, application/json;q=0', true],
    ['text/plain', false],
    ['image/*', false],
    ['application/xml;q=0.9, text/csv', false],
    ['*/plain', false],
    ['*', false],
    ['application', false],
    ['json', false],
    ['application/json/x', true],
    ['application/jsonx', false],
    ['', false],
    [',', false],
    ['/', false],
  ])('%j allows JSON: %s', (accept, allowed) => {
    expect(acceptsJson(accept)).toBe(allowed);
  });

  it('allows JSON at any position, and only with a media range that matches JSON or HTML', () => {
    const other = fc.constantFrom('text/plain', 'image/*', 'application/xml;q=0.1', '', 'a', '/');
    fc.assert(
      fc.property(fc.array(other), fc.array(other), (before, after) => {
        expect(acceptsJson([...before, ' application/json;q=0.5', ...after].join(','))).toBe(true);
        expect(acceptsJson([...before, ...after].join(','))).toBe(false);
      }),
    );
  });

  const NOT_ACCEPTABLE = {
    status: 406,
    body: { detail: 'Could not satisfy the request Accept header.', code: 'not_acceptable' },
  };
  it.each([
    ['POST', VALIDATE],
    ['POST', `${SUPPLY_POINTS}/`],
    ['GET', `${SUPPLY_POINTS}/TEST_SUPPLIER/4001248530/`],
    ['PUT', VALIDATE],
    ['OPTIONS', VALIDATE],
  ])(
    'that leaves no JSON is 406 at %s %s, before the role, the method and the body matter',
    async (method, path) => {
      const headers = { Accept: 'text/plain, image/*' };
      for (const token of [host.token, host.viewerToken]) {
        const body = method === 'POST' ? { body: '{' } : {};
        expect(await send(host, method, path, { token, headers, ...body })).toMatchObject(NOT_ACCEPTABLE);
      }
      expect((await send(host, method, path, { headers })).status).toBe(401);
    },
  );

  it('of a browser gets JSON', async () => {
    const headers = { Accept: 'text/html,application/xhtml+xml;q=0.9' };
    const reply = await send(host, 'POST', VALIDATE, { token: host.token, json: guideRequest(), headers });
    expect(reply).toMatchObject({ status: 200, body: { import_supplier: 'TEST_SUPPLIER' } });
    expect(reply.headers.get('content-type')).toBe('application/json');
  });
});

describe('every response', () => {
  const asked: [string, number, () => Promise<Reply>][] = [
    ['validated', 200, () => send(host, 'POST', VALIDATE, { token: host.token, json: guideRequest() })],
    ['invalid', 400, () => send(host, 'POST', VALIDATE, { token: host.token, json: {} })],
    ['without credentials', 401, () => send(host, 'POST', VALIDATE)],
    ['with an invalid token', 401, () => send(host, 'POST', VALIDATE, { token: 'unknown' })],
    ['forbidden', 403, () => send(host, 'POST', VALIDATE, { token: host.viewerToken })],
    ['an unknown path', 404, () => send(host, 'GET', '/nowhere')],
    ['an unknown import', 404, () => send(host, 'GET', `${SUPPLY_POINTS}/A/B/`, { token: host.token })],
    ['broken percent-encoding', 400, () => send(host, 'GET', `${SUPPLY_POINTS}/A/%zz/`)],
    ['a wrong method', 405, () => send(host, 'PUT', VALIDATE, { token: host.token })],
    [
      'not acceptable',
      406,
      () => send(host, 'PUT', VALIDATE, { token: host.token, headers: { Accept: 'a/b' } }),
    ],
    [
      'too large for the API',
      413,
      () => send(host, 'POST', VALIDATE, { token: host.token, body: 'x'.repeat(300_000) }),
    ],
    [
      'too large for API Gateway',
      413,
      () => send(host, 'POST', VALIDATE, { token: host.token, body: 'x'.repeat(11_000_000) }),
    ],
    [
      'another content type',
      415,
      () =>
        send(host, 'POST', VALIDATE, {
          token: host.token,
          body: '{}',
          headers: { 'Content-Type': 'text/plain' },
        }),
    ],
    [
      'throttled',
      429,
      () =>
        send(host, 'POST', `${SUPPLY_POINTS}/`, {
          token: host.token,
          json: guideRequest({ identifier: '4999000029' }),
        }),
    ],
    [
      'an outage',
      503,
      () =>
        send(host, 'POST', `${SUPPLY_POINTS}/`, {
          token: host.token,
          json: guideRequest({ identifier: '4999000053' }),
        }),
    ],
  ];
  it.each(asked)(
    '(%s) has the contract’s headers, a unique correlation id, and a code with its detail',
    async (_, status, ask) => {
      const [reply, again] = [await ask(), await ask()];
      expect(reply.status).toBe(status);
      expect(reply.headers.get('vary')).toBe('Accept');
      expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
      const id = reply.headers.get('x-kraken-correlation-id');
      expect(id).toMatch(/^[\w-]{36}$/);
      expect(again.headers.get('x-kraken-correlation-id')).not.toBe(id);
      const { detail, code } = reply.body as { detail?: string; code?: string };
      if (detail !== undefined) expect(code).toMatch(/^[a-z_]+$/);
    },
  );

  it('of a function has the correlation id of its log', async () => {
    const { headers } = await send(host, 'POST', VALIDATE, { token: host.token, json: guideRequest() });
    const id = headers.get('x-kraken-correlation-id');
    await expect.poll(() => host.logs('validate').join('\n')).toContain(`"api_request_id":"${id}"`);
  });

  it('with a rehearsed 429 has Retry-After', async () => {
    const json = guideRequest({ identifier: '4999000029' });
    const reply = await send(host, 'POST', `${SUPPLY_POINTS}/`, { token: host.token, json });
    expect(reply).toMatchObject({
      status: 429,
      body: { detail: 'Request was throttled. Expected available in 30 seconds.', code: 'throttled' },
    });
    expect(reply.headers.get('retry-after')).toBe('30');
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
