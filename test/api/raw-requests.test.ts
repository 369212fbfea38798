import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SUPPLY_POINTS, send, startTestHost, type TestHost } from '../support/host.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

const VALIDATE = `${SUPPLY_POINTS}/validate/`;
const IDENTIFIER = '4001248530';
const NOT_FOUND = { detail: 'The requested resource was not found.', code: 'not_found' };
const UNKNOWN_PATH = { detail: 'Not found.', code: 'not_found' };
const BAD_REQUEST = { detail: 'Bad Request', code: 'parse_error' };
const MISSING_PAYLOAD = { payload: ['This field is required.'] };

type Answer = { status: number; headers: string; body: unknown };

/** The response to these bytes, until the server closes the connection. */
async function exchange(...pieces: (string | Buffer)[]): Promise<Answer> {
  const socket = connect(Number(new URL(host.endpoints.api).port), '127.0.0.1');
  for (const piece of pieces) socket.write(piece);
  const answer = await text(socket);
  // An interim response (100 Continue) precedes the final one.
  const [head, body] = answer.replace(/^HTTP\/1.1 100 .*\r\n\r\n/, '').split('\r\n\r\n', 2);
  const status = Number(/^HTTP\/1.1 (\d+)/.exec(head ?? '')?.[1]);
  return { status, headers: head ?? '', body: body ? JSON.parse(body) : undefined };
}

/** A request line with the common headers and additional ones. */
const head = (requestLine: string, ...headers: string[]): string =>
  [
    `${requestLine} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    `Authorization: Token ${host.token}`,
    ...headers,
    '\r\n',
  ].join('\r\n');

describe('a path', () => {
  beforeAll(async () => {
    const created = await send(host, 'POST', `${SUPPLY_POINTS}/`, {
      token: host.token,
      json: guideRequest(),
    });
    expect(created.status).toBe(201);
  });

  it.each([
    ['with a query', `${SUPPLY_POINTS}/TEST_SUPPLIER/${IDENTIFIER}/?status=ERRORED&status=%`],
    ['behind scheme and host', `http://localhost${SUPPLY_POINTS}/TEST_SUPPLIER/${IDENTIFIER}/`],
    ['behind another host', `HTTPS://example.com:8443${SUPPLY_POINTS}/TEST_SUPPLIER/${IDENTIFIER}`],
    ['with letters in percent-encoding', `${SUPPLY_POINTS}/TEST%5FSUPPLIER/%34001248530/`],
    ['with an encoded fixed segment', `/v2/data%2Dimport/supply-points/TEST_SUPPLIER/${IDENTIFIER}`],
  ])('%s finds its resource', async (_, path) => {
    expect(await exchange(head(`GET ${path}`))).toMatchObject({
      status: 200,
      body: { status: expect.stringMatching(/^[A-Z_]+$/) },
    });
  });

  it.each([
    ['a slash in the identifier', `${SUPPLY_POINTS}/TEST_SUPPLIER/${IDENTIFIER}%2F/`],
    ['an encoded slash between the segments', `${SUPPLY_POINTS}/TEST_SUPPLIER%2F${IDENTIFIER}/x`],
    ['UTF-8 in the identifier', `${SUPPLY_POINTS}/TEST_SUPPLIER/%E6%BC%A2%F0%9F%90%99/`],
    ['UTF-8 in the supplier', `${SUPPLY_POINTS}/%C3%89/${IDENTIFIER}/`],
    ['a long identifier', `${SUPPLY_POINTS}/TEST_SUPPLIER/${'4'.repeat(5000)}/`],
    ['lower case', `${SUPPLY_POINTS}/test_supplier/${IDENTIFIER}/`],
    ['dots', `${SUPPLY_POINTS}/../supply-points/`],
  ])('with %s finds no import', async (_, path) => {
    expect(await exchange(head(`GET ${path}`))).toMatchObject({ status: 404, body: NOT_FOUND });
  });

  it.each([
    ['two slashes at the start', `/${SUPPLY_POINTS}/TEST_SUPPLIER/${IDENTIFIER}/`],
    ['two slashes within', `${SUPPLY_POINTS}//TEST_SUPPLIER/${IDENTIFIER}/`],
    ['two slashes at the end', `${SUPPLY_POINTS}/TEST_SUPPLIER/${IDENTIFIER}//`],
    ['upper case', `${SUPPLY_POINTS.toUpperCase()}/`],
    ['an encoded slash in a fixed segment', '/v2%2Fdata-import/supply-points/'],
    ['a semicolon', `${SUPPLY_POINTS};x=1/`],
  ])('with %s is unknown', async (_, path) => {
    expect(await exchange(head(`GET ${path}`))).toMatchObject({ status: 404, body: UNKNOWN_PATH });
  });

  it.each([
    ['no hexadecimal', `${SUPPLY_POINTS}/TEST_SUPPLIER/%zz/`],
    ['broken off', `${SUPPLY_POINTS}/TEST_SUPPLIER/%E6%BC`],
    ['no UTF-8', `${SUPPLY_POINTS}/TEST_SUPPLIER/%C0%AF/`],
    ['a lone surrogate', `${SUPPLY_POINTS}/TEST_SUPPLIER/%ED%A0%80/`],
  ])('whose percent-encoding is %s is a bad request', async (_, path) => {
    expect(await exchange(head(`GET ${path}`))).toMatchObject({ status: 400, body: BAD_REQUEST });
  });
});

describe('a method', () => {
  it('HEAD returns 405 without a body if there is no GET', async () => {
    const { status, headers, body } = await exchange(head(`HEAD ${VALIDATE}`));
    expect(status).toBe(405);
    expect(headers.toLowerCase()).toContain('allow: post');
    expect(body).toBeUndefined();
  });

  it('OPTIONS * is an unknown path', async () => {
    expect(await exchange(head('OPTIONS *'))).toMatchObject({ status: 404, body: UNKNOWN_PATH });
  });

  it.each(['TRACE', 'PROPFIND', 'QUERY', 'M-SEARCH'])('%s returns 405', async (method) => {
    const answer = await exchange(head(`${method} ${VALIDATE}`));
    expect(answer).toMatchObject({
      status: 405,
      body: { detail: `Method "${method}" not allowed.`, code: 'method_not_allowed' },
    });
  });
});

describe('headers', () => {
  const json = 'Content-Type: application/json';
  const two = 'Content-Length: 2';

  it.each([
    ['in upper case', ['CONTENT-TYPE: APPLICATION/JSON', two]],
    ['that are repeated', ['X-A: 1', 'X-A: 2', 'x-a: 3', json, two]],
    [
      'that objects have by nature',
      ['__proto__: 1', 'constructor: 2', 'toString: 3', '__proto__: 4', json, two],
    ],
    ['that expect 100 Continue', ['Expect: 100-continue', json, two]],
    ['with an unknown expectation', ['Expect: the unexpected', json, two]],
    ['with an empty value', ['X-Empty:', json, two]],
    ['that accept JSON in one of two', ['Accept: text/plain', 'Accept: application/json', json, two]],
    ['in Latin-1', ['X-Name: Mick\u00e9y', json, two]],
    ['that ask for another protocol', ['Upgrade: h2c', json, two]],
  ])('%s make no difference', async (_, headers) => {
    const answer = await exchange(Buffer.from(head(`POST ${VALIDATE}`, ...headers), 'latin1'), '{}');
    expect(answer).toMatchObject({ status: 400, body: MISSING_PAYLOAD });
  });

  it.each([
    ['are no headers', 'GET / HTTP/1.1\r\nno header\r\n\r\n'],
    ['are more than ten kilobytes', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(11_000)}\r\n\r\n`],
    ['come after a path of ten kilobytes', `GET /${'x'.repeat(11_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['come after a path with spaces', 'GET /a b HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['give two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}'],
  ])('that %s return 400', async (_, bytes) => {
    expect(await exchange(bytes)).toMatchObject({ status: 400, body: BAD_REQUEST });
  });
});

describe('a body', () => {
  const json = 'Content-Type: application/json';

  it('may be chunked, with trailers', async () => {
    const answer = await exchange(
      head(`POST ${VALIDATE}`, json, 'Transfer-Encoding: chunked', 'Trailer: X-End'),
      '1\r\n{\r\n',
      '1;extension=1\r\n}\r\n',
      '0\r\nX-End: 1\r\n\r\n',
    );
    expect(answer).toMatchObject({ status: 400, body: MISSING_PAYLOAD });
  });

  it('of a GET is ignored', async () => {
    const path = `${SUPPLY_POINTS}/TEST_SUPPLIER/${identifierNumber(1)}/`;
    const answer = await exchange(head(`GET ${path}`, 'Content-Length: 1'), 'x');
    expect(answer).toMatchObject({ status: 404, body: NOT_FOUND });
  });

  it.each([
    ['compressed', [json, 'Content-Encoding: gzip'], gzipSync('{}')],
    ['UTF-16', [`${json}; charset=utf-8`], Buffer.from('\ufeff{}', 'utf16le')],
  ])('that is %s is a parse error', async (_, headers, bytes) => {
    const answer = await exchange(
      head(`POST ${VALIDATE}`, ...headers, `Content-Length: ${bytes.length}`),
      bytes,
    );
    expect(answer).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(/^JSON parse error - /) },
    });
  });

  it.each([
    ['one record can hold', 5 * 1024 * 1024],
    ['Lambda takes', 8 * 1024 * 1024],
    ['API Gateway takes', 11 * 1024 * 1024],
  ])('larger than %s is too large', async (_, bytes) => {
    const answer = await exchange(
      head(`POST ${VALIDATE}`, json, `Content-Length: ${bytes}`),
      Buffer.alloc(bytes, ' '),
    );
    expect(answer).toMatchObject({
      status: 413,
      body: { detail: 'Request body exceeds 262144 bytes.', code: 'request_too_large' },
    });
  });

  it('that is interrupted does not affect other requests', async () => {
    const port = Number(new URL(host.endpoints.api).port);
    for (let sent = 0; sent < 20; sent += 1) {
      const socket = connect(port, '127.0.0.1');
      await new Promise<void>((done) =>
        socket.write(head(`POST ${VALIDATE}`, json, 'Content-Length: 1000', 'Expect: 100-continue'), () =>
          done(),
        ),
      );
      socket.write('{"payload":');
      if (sent % 2 === 0) socket.resetAndDestroy();
      else socket.end();
    }
    const reply = await send(host, 'POST', VALIDATE, { token: host.token, json: guideRequest() });
    expect(reply.status).toBe(200);
  });
});

describe('bytes after a request', () => {
  const create = (identifier: string): string => {
    const body = JSON.stringify(guideRequest({ identifier }));
    const headers = ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`];
    return head(`POST ${SUPPLY_POINTS}/`, ...headers).replace('Connection: close\r\n', '') + body;
  };
  const statusesIn = (answers: string): number[] =>
    [...answers.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

  it.each([
    ['no HTTP', 'garbage\r\n\r\n'],
    ['the rest of a body that is longer than its length', '"more":1}\r\n'],
    ['a line end too many and no HTTP', '\r\n\r\nGET\r\n\r\n'],
    ['a request with two lengths', 'POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    ['headers that are too large', `GET / HTTP/1.1\r\nX: ${'x'.repeat(11_000)}\r\n\r\n`],
  ])('that are %s return 400 after the response to the request, which is imported', async (_, bytes) => {
    const identifier = identifierNumber(nextIdentifier++);
    const answers = await exchangeText(create(identifier) + bytes);
    expect(statusesIn(answers)).toEqual([201, 400]);
    expect(await statusAfter(identifier)).toBe(200);
  });

  it('that arrive in pieces after several requests return 400 after all their responses', async () => {
    const identifiers = [1, 2, 3].map(() => identifierNumber(nextIdentifier++));
    const socket = connect(Number(new URL(host.endpoints.api).port), '127.0.0.1');
    for (const identifier of identifiers) socket.write(create(identifier));
    for (const byte of 'no HTTP\r\n\r\n') socket.write(byte);
    expect(statusesIn(await text(socket))).toEqual([201, 201, 201, 400]);
    for (const identifier of identifiers) expect(await statusAfter(identifier)).toBe(200);
  });

  it('that interrupt a body return 400, and nothing is imported', async () => {
    const identifier = identifierNumber(nextIdentifier++);
    const whole = JSON.stringify(guideRequest({ identifier }));
    const headers = ['Content-Type: application/json', 'Transfer-Encoding: chunked'];
    const chunk = `${Buffer.byteLength(whole).toString(16)}\r\n${whole}\r\n`;
    const answers = await exchangeText(`${head(`POST ${SUPPLY_POINTS}/`, ...headers)}${chunk}no chunk\r\n`);
    expect(statusesIn(answers)).toEqual([400]);
    expect(await statusAfter(identifier)).toBe(404);
  });

  let nextIdentifier = 880_000;
  const statusAfter = async (identifier: string): Promise<number> =>
    (await send(host, 'GET', `${SUPPLY_POINTS}/TEST_SUPPLIER/${identifier}/`, { token: host.token })).status;
});

it('two pipelined requests get their responses in order', async () => {
  const first = head(`GET ${SUPPLY_POINTS}/TEST_SUPPLIER/NOTHING/`).replace('Connection: close\r\n', '');
  const both = await exchangeText(first + head('GET /nowhere'));
  expect(both.indexOf('not_found')).toBeGreaterThan(0);
  expect(both.indexOf('"Not found."')).toBeGreaterThan(both.indexOf('not_found'));
});

async function exchangeText(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(host.endpoints.api).port), '127.0.0.1');
  socket.write(bytes);
  return text(socket);
}
