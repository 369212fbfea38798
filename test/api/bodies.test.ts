import { readFileSync } from 'node:fs';
import { applyPatch, type Operation } from 'fast-json-patch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SUPPLY_POINTS, send, startTestHost, type TestHost } from '../support/host.ts';
import { guideRequest } from '../support/requests.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

const VALIDATE = `${SUPPLY_POINTS}/validate/`;
const post = (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  send(host, 'POST', path, {
    token: host.token,
    body,
    headers: { 'Content-Type': 'application/json', ...headers },
  });

describe.each([VALIDATE, `${SUPPLY_POINTS}/`])('the body of POST %s', (path) => {
  it.each([
    ['empty', ''],
    ['no JSON', 'x'],
    ['broken off', '{"payload": {'],
    ['followed by more', '{} {}'],
    ['NaN', 'NaN'],
    ['with a byte order mark', '\ufeff{}'],
  ])('that is %s is a parse error', async (_, body) => {
    expect(await post(path, body)).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(/^JSON parse error - ./) },
    });
  });

  it('in another encoding than UTF-8 is a parse error, never data that nobody wrote', async () => {
    const request = JSON.stringify(guideRequest()).replace('Mickey', 'Mickéy');
    const latin1 = new Uint8Array(Buffer.from(request, 'latin1'));
    expect(await post(path, latin1)).toMatchObject({
      status: 400,
      body: { detail: 'JSON parse error - the body is not UTF-8' },
    });
  });

  it.each([
    ['text/plain', 'text/plain'],
    ['application/x-www-form-urlencoded', 'application/x-www-form-urlencoded'],
    ['application/jsonp; charset=utf-8', 'application/jsonp; charset=utf-8'],
    ['', ''],
  ])('of the type "%s" is not supported', async (contentType, quoted) => {
    expect(await post(path, '{}', { 'Content-Type': contentType })).toMatchObject({
      status: 415,
      body: { detail: `Unsupported media type "${quoted}" in request.` },
    });
  });

  it.each(['application/json; charset=utf-8', 'Application/JSON', 'application/json;'])(
    'may be of the type "%s"',
    async (type) => {
      expect(await post(path, '{}', { 'Content-Type': type })).toMatchObject({
        status: 400,
        body: { payload: ['This field is required.'] },
      });
    },
  );

  it('may have 262,144 bytes, and not one more', async () => {
    const body = (bytes: number): string => {
      const padding = bytes - JSON.stringify({ payload: 1, padding: '' }).length;
      return JSON.stringify({ payload: 1, padding: 'x'.repeat(padding) });
    };
    expect(await post(path, body(262_144))).toMatchObject({
      status: 400,
      body: { payload: expect.anything() },
    });
    const tooLarge = { status: 413, body: { detail: 'Request body exceeds 262144 bytes.' } };
    expect(await post(path, body(262_145))).toMatchObject(tooLarge);
  });

  it.each([
    ['nested deeply', '['.repeat(130_000) + ']'.repeat(130_000)],
    ['objects nested deeply', `${'{"payload":'.repeat(20_000)}1${'}'.repeat(20_000)}`],
    ['the payload nested deeply', `{"payload":{"accounts":${'['.repeat(120_000)}${']'.repeat(120_000)}}}`],
    [
      'a choice nested deeply',
      `{"payload":{"import_supplier":${'['.repeat(120_000)}${']'.repeat(120_000)}}}`,
    ],
    ['__proto__', '{"__proto__":{"payload":{}},"constructor":{"prototype":1}}'],
    [
      '__proto__ within',
      '{"payload":{"__proto__":{"import_supplier":"TEST_SUPPLIER"},"supply_point":{"constructor":1}}}',
    ],
    ['hasOwnProperty', '{"payload":{"import_supplier":"toString","accounts":[{"hasOwnProperty":1}]}}'],
    ['numbers out of range', '{"payload":{"import_supplier":1e999,"supply_point":-0}}'],
  ])('with %s is a client’s mistake, not ours', async (_, body) => {
    expect((await post(path, body)).status).toBe(400);
  });

  it.each([
    ['accounts', '{"payload":{"accounts":[$]}}'],
    ['customers', '{"payload":{"accounts":[{"customers":[$]}]}}'],
    ['account roles', '{"payload":{"accounts":[{"customers":[{"account_roles":[$]}]}]}}'],
    ['empty customers', '{"payload":{"accounts":[{"customers":[$]}]}}', '{}'],
    ['empty addresses', '{"payload":{"accounts":[{"customers":[$]}]}}', '{"postal_address":{}}'],
  ])('with more errors in %s than an answer can hold is told so', async (_, template, item = '1') => {
    const count = Math.floor((262_144 - template.length) / (item.length + 1));
    const reply = await post(path, template.replace('$', Array(count).fill(item).join()));
    expect(reply.text.slice(0, 100)).toBe(
      '{"detail":"The errors exceed 2097152 bytes.","code":"too_many_errors"}',
    );
    expect(reply.status).toBe(400);
  });

  it('with errors that fill an answer is told all of them', async () => {
    const accounts = Array(20_000).fill(1);
    const reply = await post(path, JSON.stringify({ payload: { accounts } }));
    expect(reply.status).toBe(400);
    expect(Object.keys((reply.body as { accounts: object }).accounts)).toHaveLength(accounts.length);
    expect(reply.text.length).toBeGreaterThan(1_000_000);
  });

  it('with duplicate keys means the last one', async () => {
    const reply = await post(path, '{"payload": {}, "payload": 1}');
    expect(reply).toMatchObject({
      status: 400,
      body: { payload: { non_field_errors: [expect.stringContaining('int')] } },
    });
  });
});

it('validate gives every answer of the reference model', async () => {
  const base = JSON.parse(readFileSync(new URL('../contract/base.json', import.meta.url), 'utf8'));
  const lines = readFileSync(new URL('../contract/vectors.ndjson', import.meta.url), 'utf8')
    .trim()
    .split('\n');
  const vectors = lines.map(
    (line) => JSON.parse(line) as { name: string; changes: Operation[]; status: number; body: unknown },
  );
  const queue = [...vectors];
  const connections = Array.from({ length: 8 }, async () => {
    for (let vector = queue.pop(); vector !== undefined; vector = queue.pop()) {
      const changed = applyPatch(structuredClone(base), vector.changes).newDocument;
      const { status, body } = await post(VALIDATE, JSON.stringify(changed));
      expect({ name: vector.name, status, body }).toEqual({
        name: vector.name,
        status: vector.status,
        body: vector.body,
      });
    }
  });
  await Promise.all(connections);
  expect(vectors.length).toBe(1393);
});
