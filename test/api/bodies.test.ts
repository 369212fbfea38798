import { applyPatch } from 'fast-json-patch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseJson } from '../../shared/contract/python-json.ts';
import { jsonErrors, literals, vectors, withLiteral } from '../contract/recorded.ts';
import { everyField } from '../contract/requests.ts';
import { SUPPLY_POINTS, send, startTestHost, statusOf, type TestHost } from '../support/host.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';

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
    ['no JSON', 'x'],
    ['broken off', '{"payload": {'],
    ['followed by more', '{} {}'],
    ['NaN', 'NaN'],
    ['with a byte order mark', '\ufeff{}'],
  ])('that is %s is a parse error', async (_, body) => {
    expect(await post(path, body)).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(/^JSON parse error - ./), code: 'parse_error' },
    });
  });

  it.each(['application/json', 'text/plain', 'multipart/form-data', ''])(
    'that is empty is an empty object, also of the type "%s"',
    async (type) => {
      expect(await post(path, '', { 'Content-Type': type })).toMatchObject({
        status: 400,
        body: { payload: ['This field is required.'] },
      });
    },
  );

  it('is decoded with the charset of its content type', async () => {
    const utf16 = new Uint8Array(Buffer.from('\ufeff{"payload":{"import_supplier":"é"}}', 'utf16le'));
    expect(await post(path, utf16, { 'Content-Type': 'application/json; charset="UTF-16"' })).toMatchObject({
      status: 400,
      body: { import_supplier: ['"é" is not a valid choice.'] },
    });
    const latin1 = new Uint8Array(Buffer.from('{"payload":{"import_supplier":"é"}}', 'latin1'));
    expect(await post(path, latin1, { 'Content-Type': 'application/json;charset=us-ascii' })).toMatchObject({
      status: 400,
      body: {
        detail:
          "JSON parse error - 'ascii' codec can't decode byte 0xe9 in position 31: ordinal not in range(128)",
      },
    });
  });

  it('with bytes that are invalid in its encoding is a parse error, not replaced text', async () => {
    const request = JSON.stringify(guideRequest()).replace('Mickey', 'Mickéy');
    const latin1 = new Uint8Array(Buffer.from(request, 'latin1'));
    expect(await post(path, latin1)).toMatchObject({
      status: 400,
      body: {
        detail: expect.stringMatching(
          /^JSON parse error - 'utf-8' codec can't decode byte 0xe9 in position \d+: invalid continuation byte$/,
        ),
      },
    });
  });

  it.each([
    ['text/plain', 'text/plain'],
    ['application/x-www-form-urlencoded', 'application/x-www-form-urlencoded'],
    ['application/jsonp; charset=utf-8', 'application/jsonp; charset=utf-8'],
    ['', ''],
  ])('of the type "%s" returns 415', async (contentType, quoted) => {
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

  it('may have 262,144 bytes and returns 413 with one more', async () => {
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
  ])('with %s returns 4xx', async (_, body) => {
    expect((await post(path, body)).status).toBe(400);
  });

  it.each([
    ['accounts', '{"payload":{"accounts":[$]}}'],
    ['customers', '{"payload":{"accounts":[{"customers":[$]}]}}'],
    ['account roles', '{"payload":{"accounts":[{"customers":[{"account_roles":[$]}]}]}}'],
    ['empty customers', '{"payload":{"accounts":[{"customers":[$]}]}}', '{}'],
    ['empty addresses', '{"payload":{"accounts":[{"customers":[$]}]}}', '{"postal_address":{}}'],
  ])('with more errors in %s than a response can hold gets one message', async (_, template, item = '1') => {
    const count = Math.floor((262_144 - template.length) / (item.length + 1));
    const reply = await post(path, template.replace('$', Array(count).fill(item).join()));
    expect(reply.text.slice(0, 100)).toBe(
      '{"detail":"The errors exceed 2097152 bytes.","code":"too_many_errors"}',
    );
    expect(reply.status).toBe(400);
  });

  it('with errors that fill a response gets all of them', async () => {
    const accounts = Array(20_000).fill(1);
    const reply = await post(path, JSON.stringify({ payload: { accounts } }));
    expect(reply.status).toBe(400);
    expect(Object.keys((reply.body as { accounts: object }).accounts)).toHaveLength(accounts.length);
    expect(reply.text.length).toBeGreaterThan(1_000_000);
  });

  it('with duplicate keys has the value of the last one', async () => {
    const reply = await post(path, '{"payload": {}, "payload": 1}');
    expect(reply).toMatchObject({
      status: 400,
      body: { payload: { non_field_errors: [expect.stringContaining('int')] } },
    });
  });
});

describe('validate returns the responses of the reference model', () => {
  type Recorded = { name: string; bytes: string | Uint8Array<ArrayBuffer>; status: number; body: unknown };

  const expectAll = async (all: readonly Recorded[]) => {
    const queue = [...all];
    const connections = Array.from({ length: 8 }, async () => {
      for (let recorded = queue.pop(); recorded !== undefined; recorded = queue.pop()) {
        const { name, bytes, status, body } = recorded;
        const reply = await post(VALIDATE, bytes);
        expect({ name, status: reply.status, body: parseJson(reply.text) }).toEqual({ name, status, body });
      }
    });
    await Promise.all(connections);
  };

  it('for the vectors', async () => {
    const all = vectors.map(({ name, changes, status, body }) => {
      const changed = applyPatch(everyField(), changes).newDocument;
      return { name, bytes: JSON.stringify(changed), status, body };
    });
    expect(all).toHaveLength(1393);
    await expectAll(all);
  });

  it('for values in their literal form', async () => {
    expect(literals).toHaveLength(390);
    await expectAll(
      literals.map((literal) => ({
        ...literal,
        name: `${literal.path} ${literal.literal}`,
        bytes: withLiteral(literal),
      })),
    );
  });

  it('for bodies that are not JSON', async () => {
    expect(jsonErrors).toHaveLength(60);
    await expectAll(
      jsonErrors.map(({ bytes, status, body }) => ({
        name: bytes.toString('latin1').slice(0, 100),
        bytes: new Uint8Array(bytes),
        status,
        body: { ...body, code: 'parse_error' },
      })),
    );
  });
});

describe.each([VALIDATE, `${SUPPLY_POINTS}/`])('POST %s lists ignored fields', (path) => {
  const ignored = async (body: unknown) => {
    const { status, headers } = await post(path, JSON.stringify(body));
    return { status, fields: headers.get('x-ignored-fields') };
  };
  const unknown = { task_params: { dry_run: true }, 'Mickey Mouse': 1 };

  it('of valid and of invalid requests', async () => {
    const identifier = identifierNumber(path === VALIDATE ? 1 : 2);
    const valid = { ...guideRequest({ identifier }), ...unknown };
    const status = path === VALIDATE ? 200 : 201;
    expect(await ignored(valid)).toStrictEqual({ status, fields: 'task_params.dry_run' });
    expect(await ignored({ payload: { accounts: [{ a: 1 }, { a: 1, b: 1 }] }, ...unknown })).toStrictEqual({
      status: 400,
      fields: 'payload.accounts.*.a, payload.accounts.*.b, task_params.dry_run',
    });
  });

  it('with more errors than a response can hold', async () => {
    expect(await ignored({ payload: { accounts: Array(100_000).fill(1), other: 1 } })).toStrictEqual({
      status: 400,
      fields: 'payload.other',
    });
  });

  it('in a kilobyte at most', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `${'a'.repeat(40)}${index}`);
    const { fields } = await ignored(Object.fromEntries(names.map((name) => [name, 1])));
    expect(fields?.length).toBeLessThanOrEqual(1024);
    expect(fields?.split(', ')).toStrictEqual([...names.slice(0, 23), '...']);
  });

  it('only if there are any', async () => {
    expect((await ignored({ payload: {} })).fields).toBeNull();
    expect((await ignored([])).fields).toBeNull();
  });
});

it('a rejected repeated import has the names of the ignored fields', async () => {
  const request = guideRequest({ identifier: identifierNumber(3) });
  await post(`${SUPPLY_POINTS}/`, JSON.stringify(request));
  await statusOf(host, identifierNumber(3), ['PROCESSED']);
  const { status, headers } = await post(`${SUPPLY_POINTS}/`, JSON.stringify({ ...request, dry_run: true }));
  expect({ status, fields: headers.get('x-ignored-fields') }).toStrictEqual({
    status: 400,
    fields: 'dry_run',
  });
});

it('a house number above 2^53 is imported without a loss of digits', async () => {
  const identifier = identifierNumber(4);
  const house = '"house_number_1":9007199254740993,';
  const request = JSON.stringify(guideRequest({ identifier })).replace(/"house_number_1":"?\d+"?,/, house);
  expect(request).toContain(house);
  expect((await post(`${SUPPLY_POINTS}/`, request)).status).toBe(201);
  await statusOf(host, identifier, ['PROCESSED']);
  const { text } = await send(host, 'GET', `${SUPPLY_POINTS}/TEST_SUPPLIER/${identifier}/created/`, {
    token: host.token,
  });
  expect(text).toContain(house);
});
