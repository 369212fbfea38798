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
