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
