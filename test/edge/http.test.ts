import { afterEach, describe, expect, it, vi } from 'vitest';
import { httpEndpoint, openEndpoint } from '../../functions/edge/http.ts';
import { withIgnoredFieldsHeader } from '../../functions/edge/ignored-fields.ts';
import { importEndpoint, supplierEndpoint } from '../../functions/edge/imports/endpoints.ts';
import {
  badRequest,
  created,
  httpErrors,
  ok,
  RESPONSE_BYTES_MAX,
  responseTo,
  scenarioResponse,
} from '../../functions/edge/responses.ts';
import { invoke } from './invoke.ts';

const named = (name: string) => Object.assign(new Error('internal'), { name });
const SERVER_ERROR = { detail: 'A server error occurred.', code: 'error' };
const authorizer = (change: Record<string, unknown> = {}) => ({
  role: 'operator',
  suppliers: '{"TEST_SUPPLIER":"open"}',
  ...change,
});

afterEach(() => void vi.useRealTimers());

describe('a response', () => {
  it('has the headers of every response, the endpoint’s, and the status', async () => {
    const handler = openEndpoint(() => ({ ...created({ a: 1 }), headers: { 'X-Own': 'y' } }));
    expect(await invoke(handler)).toMatchObject({
      statusCode: 201,
      headers: {
        'Content-Type': 'application/json',
        Vary: 'Accept',
        'X-Content-Type-Options': 'nosniff',
        'x-kraken-correlation-id': 'request-1',
        'X-Own': 'y',
      },
      body: '{"a":1}',
    });
  });

  it('of a route without an authorizer needs no token', async () => {
    expect(
      await invoke(
        openEndpoint(() => ok(1)),
        { authorizer: null },
      ),
    ).toMatchObject({ statusCode: 200, content: 1 });
  });

  it('of an operation that needs a token is 500 if its route has no authorizer, and is logged', async () => {
    const { statusCode, content, lines } = await invoke(
      httpEndpoint('list', () => ok(1)),
      { authorizer: null },
    );
    expect([statusCode, content]).toEqual([500, SERVER_ERROR]);
    expect(lines).toContainEqual(expect.objectContaining({ level: 'ERROR', message: 'request failed' }));
  });

  it('is text if it has a content type', async () => {
    const handler = openEndpoint(() => ({ ...ok('<p>'), headers: { 'Content-Type': 'text/html' } }));
    expect(await invoke(handler)).toMatchObject({ statusCode: 200, body: '<p>' });
  });

  it('is logged once, without its body', async () => {
    const { lines } = await invoke(openEndpoint(() => badRequest({ secret: 'x' })));
    expect(lines).toEqual([
      {
        level: 'INFO',
        message: 'request answered',
        timestamp: expect.any(String),
        function_request_id: 'invocation-1',
        api_request_id: 'request-1',
        method: 'GET',
        resource: '/things/{supplier}',
        status: 400,
      },
    ]);
  });

  // Quotes and braces of `{"a":""}` are eight bytes.
  const ofBytes = (bytes: number) => ({ a: 'x'.repeat(bytes - 8) });

  it.each([
    ['as long as the limit is sent', RESPONSE_BYTES_MAX, { a: expect.any(String) }],
    [
      'above the limit is replaced',
      RESPONSE_BYTES_MAX + 1,
      { detail: `The errors exceed ${RESPONSE_BYTES_MAX} bytes.`, code: 'too_many_errors' },
    ],
  ])('with errors %s, with its headers', async (_, bytes, content) => {
    const handler = openEndpoint(() => ({ ...badRequest(ofBytes(bytes)), headers: { 'X-Own': 'y' } }));
    expect(await invoke(handler)).toMatchObject({ statusCode: 400, headers: { 'X-Own': 'y' }, content });
  });

  it('of another status that exceeds the limit is a bug', async () => {
    const handler = openEndpoint(() => ok(ofBytes(RESPONSE_BYTES_MAX + 1)));
    const { statusCode, content, lines } = await invoke(handler);
    expect({ statusCode, content }).toEqual({ statusCode: 500, content: SERVER_ERROR });
    expect(lines[0]).toMatchObject({ level: 'ERROR', message: 'request failed' });
  });
});

describe('an error', () => {
  it.each([
    ['ProvisionedThroughputExceededException', 503],
    ['RequestLimitExceeded', 503],
    ['SubmissionContended', 503],
    ['ThrottlingException', 503],
    ['TimeoutError', 503],
    ['AccessDeniedException', 500],
    ['Error', 500],
  ])('%s is answered with %i and logged', async (name, status) => {
    const handler = openEndpoint(() => Promise.reject(named(name)));
    const { statusCode, content, lines } = await invoke(handler);
    expect({ statusCode, content }).toEqual({ statusCode: status, content: SERVER_ERROR });
    expect(lines).toMatchObject([
      { level: 'ERROR', message: 'request failed', api_request_id: 'request-1', error: { name } },
      { level: 'INFO', message: 'request answered', status },
    ]);
  });

  it('that is no Error is 500, whatever its name', () => {
    expect(responseTo({ name: 'TimeoutError' })).toMatchObject({
      response: { status: 500 },
      isUnexpected: true,
    });
  });

  it.each([
    [
      () => httpErrors.notJson('why'),
      400,
      { detail: 'JSON parse error - why', code: 'parse_error' },
      undefined,
    ],
    [
      () => httpErrors.invalidToken(),
      401,
      { detail: 'Invalid token.', code: 'authentication_failed' },
      { 'WWW-Authenticate': 'Token' },
    ],
    [
      () => httpErrors.permissionDenied(),
      403,
      { detail: 'You do not have permission to perform this action.', code: 'permission_denied' },
      undefined,
    ],
    [
      () => httpErrors.notFound(),
      404,
      { detail: 'The requested resource was not found.', code: 'not_found' },
      undefined,
    ],
    [
      () => httpErrors.methodNotAllowed('PUT', ['GET', 'HEAD']),
      405,
      { detail: 'Method "PUT" not allowed.', code: 'method_not_allowed' },
      { Allow: 'GET, HEAD' },
    ],
    [
      () => httpErrors.notAcceptable(),
      406,
      { detail: 'Could not satisfy the request Accept header.', code: 'not_acceptable' },
      undefined,
    ],
  ])('of the contract has its text: %#', async (error, status, content, headers) => {
    const answer = await invoke(openEndpoint(() => Promise.reject(error())));
    expect({ status: answer.statusCode, content: answer.content }).toEqual({ status, content });
    expect(answer.headers).toMatchObject(headers ?? {});
    expect(answer.lines).toMatchObject([{ message: 'request answered', status }]);
  });

  it.each([
    [1, 'Request was throttled. Expected available in 1 second.'],
    [30, 'Request was throttled. Expected available in 30 seconds.'],
  ])('of a scenario throttles for %i s', (retryAfterSeconds, detail) => {
    expect(scenarioResponse({ kind: 'throttled', retryAfterSeconds })).toEqual({
      status: 429,
      body: { detail, code: 'throttled' },
      headers: { 'Retry-After': String(retryAfterSeconds) },
    });
  });

  it('of a scenario is an outage', () => {
    expect(scenarioResponse({ kind: 'outage' })).toEqual({ status: 503, body: SERVER_ERROR });
  });
});

describe('an operation', () => {
  const cancel = httpEndpoint('cancel', ({ caller }) => ok(caller.role));
  const image = { Accept: ['image/png'] };

  it.each([
    ['that the role permits', { authorizer: authorizer() }, 200, 'operator'],
    [
      'that the role does not permit',
      { authorizer: authorizer({ role: 'importer' }) },
      403,
      { code: 'permission_denied' },
    ],
    [
      'whose response is not acceptable',
      { authorizer: authorizer({ role: 'viewer' }), multiValueHeaders: image },
      406,
      { code: 'not_acceptable' },
    ],
    ['without an authorizer, which is a bug,', { authorizer: null }, 500, SERVER_ERROR],
  ])('%s is answered with the status', async (_, change, status, content) => {
    const answer = await invoke(cancel, change);
    expect(answer.statusCode).toBe(status);
    expect(answer.content).toEqual(typeof content === 'string' ? content : expect.objectContaining(content));
  });

  it.each([
    ['in a millisecond', 1, 200],
    ['now', 0, 401],
    ['a millisecond ago', -1, 401],
  ])('with a token that expires %s', async (_, milliseconds, status) => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_700_000_000_000 });
    const expires_at = String(Date.now() + milliseconds);
    expect((await invoke(cancel, { authorizer: authorizer({ expires_at }) })).statusCode).toBe(status);
  });
});

describe('an operation of a supplier', () => {
  const ofSupplier = supplierEndpoint('status', async (supplier) => ok(supplier));
  const ofImport = importEndpoint('status', async (key) => ok(key));
  const path = (supplier: string, identifier = '1') => ({ pathParameters: { supplier, identifier } });

  it.each([
    ['the caller’s supplier', ofSupplier, path('TEST_SUPPLIER'), 200, 'TEST_SUPPLIER'],
    ['another supplier', ofSupplier, path('OTHER'), 404, expect.objectContaining({ code: 'not_found' })],
    ['a name that every object has', ofSupplier, path('toString'), 404, expect.anything()],
    ['no supplier', ofSupplier, { pathParameters: null }, 404, expect.anything()],
    [
      'an import',
      ofImport,
      path('TEST_SUPPLIER'),
      200,
      { importSupplier: 'TEST_SUPPLIER', externalIdentifier: '1' },
    ],
    ['an import of another supplier', ofImport, path('OTHER'), 404, expect.anything()],
    [
      'an identifier of 100 characters',
      ofImport,
      path('TEST_SUPPLIER', 'x'.repeat(100)),
      200,
      expect.anything(),
    ],
    [
      'an identifier of 101 characters',
      ofImport,
      path('TEST_SUPPLIER', 'x'.repeat(101)),
      404,
      expect.anything(),
    ],
  ])('is answered for %s', async (_, handler, change, status, content) => {
    const answer = await invoke(handler, change);
    expect({ status: answer.statusCode, content: answer.content }).toEqual({ status, content });
  });
});

describe('the header of ignored fields', () => {
  const headerFor = (body: unknown) => withIgnoredFieldsHeader(body, ok(1)).headers?.['X-Ignored-Fields'];
  const unknown = (count: number, length: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`${index}`.padStart(length, 'f'), 1]));

  it('is added to the response’s headers', () => {
    const response = { ...ok(1), headers: { 'X-Own': 'y' } };
    expect(withIgnoredFieldsHeader({ ffff: 1, gggg: 2 }, response)).toEqual({
      status: 200,
      body: 1,
      headers: { 'X-Own': 'y', 'X-Ignored-Fields': 'ffff, gggg' },
    });
  });

  it('is absent when every field is known', () => {
    const response = ok(1);
    expect(withIgnoredFieldsHeader({ payload: {} }, response)).toBe(response);
  });

  it('has up to 1,024 bytes, and ends in dots after the last whole path that fits', () => {
    // Paths of seven bytes and ", ": 114 of these are 1,024 bytes, and 113 are 1,015.
    expect(headerFor(unknown(114, 7))).toHaveLength(1024);
    const cut = headerFor(unknown(115, 7))!;
    expect(cut).toHaveLength(1015 + ', ...'.length);
    expect(cut.endsWith(', ffff112, ...')).toBe(true);
  });
});
