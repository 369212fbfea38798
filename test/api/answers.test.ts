import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SUPPLY_POINTS, send, startTestHost, type TestHost } from '../support/host.ts';
import { guideRequest } from '../support/requests.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

const VALIDATE = `${SUPPLY_POINTS}/validate/`;

describe('who is not known', () => {
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

  it.each(routes)('is told so at %s %s', async (method, path) => {
    const reply = await send(host, method, path);
    expect(reply).toMatchObject(NOT_AUTHENTICATED);
    expect(reply.headers.get('www-authenticate')).toBe('Token');
  });

  it.each(['Bearer abc', 'Basic abc', 'Token', 'abc', ''])(
    'is told so with the authorization "%s"',
    async (value) => {
      const reply = await send(host, 'POST', VALIDATE, {
        json: guideRequest(),
        headers: { Authorization: value },
      });
      expect(reply).toMatchObject(NOT_AUTHENTICATED);
    },
  );

  it('has an invalid token: an unknown, a revoked, an expired or a malformed one', async () => {
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

  it('may write the scheme in any case', async () => {
    const headers = { Authorization: `tOKEN ${host.token}` };
    expect((await send(host, 'POST', VALIDATE, { json: guideRequest(), headers })).status).toBe(200);
  });
});

describe('a viewer', () => {
  it.each([VALIDATE, `${SUPPLY_POINTS}/`])('may not POST %s, whatever the body', async (path) => {
    const reply = await send(host, 'POST', path, { token: host.viewerToken, body: '{', headers: {} });
    expect(reply).toMatchObject({
      status: 403,
      body: { detail: 'You do not have permission to perform this action.', code: 'permission_denied' },
    });
  });

  it('may ask for a status', async () => {
    const reply = await send(host, 'GET', `${SUPPLY_POINTS}/TEST_SUPPLIER/4001248530/`, {
      token: host.viewerToken,
    });
    expect(reply.status).toBe(404);
  });
});

describe('paths and methods', () => {
  it.each([
    ['PUT', `${SUPPLY_POINTS}/`, 'POST'],
    ['GET', `${SUPPLY_POINTS}/`, 'POST'],
    ['PATCH', VALIDATE, 'POST'],
    ['GET', VALIDATE.slice(0, -1), 'POST'],
    ['OPTIONS', VALIDATE, 'POST'],
    ['POST', `${SUPPLY_POINTS}/TEST_SUPPLIER/4001248530/`, 'GET'],
    ['DELETE', `${SUPPLY_POINTS}/TEST_SUPPLIER/4001248530`, 'GET'],
  ])('%s %s is not allowed, but %s', async (method, path, allow) => {
    const reply = await send(host, method, path, { token: host.token });
    expect(reply).toMatchObject({ status: 405, body: { detail: `Method "${method}" not allowed.` } });
    expect(reply.headers.get('allow')).toBe(allow);
  });

  it.each([
    '/',
    '/v2',
    '/v2/',
    '/v2/data-import/',
    '/v1/x',
    `${SUPPLY_POINTS}/a/b/c/`,
    `${SUPPLY_POINTS}x`,
    '/favicon.ico',
  ])('%s is not found, with and without a token', async (path) => {
    for (const token of [undefined, host.token, 'unknown']) {
      for (const method of ['GET', 'POST', 'PUT']) {
        expect(await send(host, method, path, { token })).toMatchObject({
          status: 404,
          body: { detail: 'Not found.' },
        });
      }
    }
  });

  it('answers with and without the last slash', async () => {
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
  ])('the strange path %s is a client’s mistake, not ours', async (rest) => {
    const status = await rawStatus('GET', `${SUPPLY_POINTS}/${rest}`);
    expect([400, 404]).toContain(status);
  });

  /** As it is: fetch would tidy the path up. */
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
