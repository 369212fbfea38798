import { describe, expect, it } from 'vitest';
import { acceptsJson } from '../../functions/edge/accept.ts';
import { readRequest } from '../../functions/edge/request.ts';
import type { HttpError } from '../../functions/edge/responses.ts';
import { BODY_BYTES_MAX } from '../../shared/api/errors.ts';
import { type EventChange, gatewayEvent } from './invoke.ts';

const read = (change: EventChange = {}) => readRequest(gatewayEvent(change), 5);

/** The response with which parsing the body ends the request. */
function bodyError(change: EventChange) {
  try {
    return { parsed: read(change).json() };
  } catch (error) {
    return (error as HttpError).response;
  }
}

describe('an Accept header', () => {
  it.each([
    [undefined, true],
    ['*/*', true],
    ['application/json', true],
    ['APPLICATION/JSON', true],
    ['text/html', true],
    ['application/*', true],
    ['text/*', true],
    ['*/json', true],
    [' application/json ; q=0', true],
    ['image/png, application/json', true],
    ['', false],
    ['application', false],
    ['json', false],
    ['text/json', false],
    ['application/html', false],
    ['image/*', false],
    ['*/xml', false],
    ['image/png', false],
  ])('%j is acceptable: %s', (accept, expected) => {
    expect(acceptsJson(accept)).toBe(expected);
  });

  it('may come in several headers of any case, which are joined', () => {
    const accepts = (multiValueHeaders: Record<string, string[]>) => read({ multiValueHeaders }).acceptsJson;
    expect({
      none: accepts({}),
      other: accepts({ 'Content-Type': ['image/png'] }),
      refused: accepts({ ACCEPT: ['image/png', 'image/gif'] }),
      second: accepts({ accept: ['image/png', 'application/json'] }),
      split: accepts({ accept: ['application', '/json'] }),
    }).toEqual({ none: true, other: true, refused: false, second: true, split: false });
  });
});

describe('a request', () => {
  it('has the parts of the event', () => {
    const query = { status: ['ERRORED', 'PENDING'] };
    expect(read({ httpMethod: 'POST', multiValueQueryStringParameters: query })).toMatchObject({
      method: 'POST',
      resource: '/things/{supplier}',
      parameters: { supplier: 'TEST_SUPPLIER', identifier: '2000000001' },
      query,
      receivedAt: 1_700_000_000_000,
      now: 5,
      caller: { role: 'importer', suppliers: { TEST_SUPPLIER: 'open' } },
    });
  });

  it('may have no parameters', () => {
    expect(read({ pathParameters: null })).toMatchObject({ parameters: {}, query: {} });
  });

  it.each([
    ['without an authorizer', null, undefined],
    ['with an authorizer that identifies nobody', { principalId: 'x' }, undefined],
    [
      'of an earlier version of the authorizer',
      { role: 'viewer', suppliers: '{}' },
      { role: 'viewer', suppliers: {} },
    ],
    [
      'with a token',
      { role: 'operator', suppliers: '{"A":"closed"}', token: '{"id":"t","name":"n"}', expires_at: '17' },
      { role: 'operator', suppliers: { A: 'closed' }, token: { id: 't', name: 'n' }, expiresAt: 17 },
    ],
  ])('%s has the caller', (_, authorizer, caller) => {
    expect(read({ authorizer }).caller).toEqual(caller);
  });

  it('fails for a role that does not exist', () => {
    expect(() => read({ authorizer: { role: 'king', suppliers: '{}' } })).toThrow();
  });
});

describe('a body', () => {
  const JSON_TYPE = { 'content-type': 'application/json' };
  const utf16 = Buffer.from('{"a":"ä"}', 'utf16le').toString('base64');

  it.each<[string, EventChange, unknown]>([
    ['that is absent is an empty object, whatever its type', { headers: { 'content-type': 'text/csv' } }, {}],
    ['of JSON is parsed', { headers: JSON_TYPE, body: '{"a":"ä"}' }, { a: 'ä' }],
    ['in base64 is decoded', { headers: JSON_TYPE, body: btoa('[1]'), isBase64Encoded: true }, [1]],
    [
      'may have a type in any case',
      { headers: { 'CONTENT-TYPE': ' Application/JSON ; x=y' }, body: '{}' },
      {},
    ],
    [
      'is decoded with its charset',
      {
        headers: { 'Content-Type': 'application/json; charset=utf-16le' },
        body: utf16,
        isBase64Encoded: true,
      },
      { a: 'ä' },
    ],
    [
      'is decoded with a quoted charset',
      {
        headers: { 'Content-Type': 'application/json;Charset = "utf-16le";x=y' },
        body: utf16,
        isBase64Encoded: true,
      },
      { a: 'ä' },
    ],
    [
      'may have the maximum size',
      { headers: JSON_TYPE, body: `"${'a'.repeat(BODY_BYTES_MAX - 2)}"` },
      'a'.repeat(BODY_BYTES_MAX - 2),
    ],
  ])('%s', (_, change, expected) => {
    expect(bodyError(change)).toEqual({ parsed: expected });
  });

  it.each<[string, EventChange, number, unknown]>([
    [
      'that is too large is refused before its type is looked at',
      { headers: { 'content-type': 'text/csv' }, body: 'a'.repeat(BODY_BYTES_MAX + 1) },
      413,
      { detail: 'Request body exceeds 262144 bytes.', code: 'request_too_large' },
    ],
    [
      'whose bytes are too many is refused, though its characters are not',
      { headers: JSON_TYPE, body: 'ä'.repeat(BODY_BYTES_MAX / 2 + 1) },
      413,
      { code: 'request_too_large' },
    ],
    [
      'without a type is refused',
      { body: '{}' },
      415,
      { detail: 'Unsupported media type "" in request.', code: 'unsupported_media_type' },
    ],
    [
      'of another type is refused',
      { headers: { 'content-type': 'text/json; charset=utf-8' }, body: '{}' },
      415,
      {
        detail: 'Unsupported media type "text/json; charset=utf-8" in request.',
        code: 'unsupported_media_type',
      },
    ],
    [
      'that is not JSON is refused with the reason',
      { headers: JSON_TYPE, body: '{' },
      400,
      {
        detail:
          'JSON parse error - Expecting property name enclosed in double quotes: line 1 column 2 (char 1)',
        code: 'parse_error',
      },
    ],
  ])('%s', (_, change, status, body) => {
    expect(bodyError(change)).toMatchObject({ status, body });
  });
});
