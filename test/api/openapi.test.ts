import jsonPatch from 'fast-json-patch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examples } from '../../shared/api/examples.ts';
import type { OpenApiResponse } from '../../shared/api/openapi.ts';
import { OPERATIONS, pathOf } from '../../shared/api/operations.ts';
import { RULES, type RuleName } from '../../shared/contract/rules.ts';
import { vectors } from '../contract/recorded.ts';
import { everyField } from '../contract/requests.ts';
import { DOCUMENT, misfits, responseMisfits, schemaNames, validatorOf } from '../support/api-schemas.ts';
import { send, startTestHost, type TestHost } from '../support/host.ts';

/** The examples of an error response, by the names of the errors. */
const errorExamples = ({ content }: OpenApiResponse) =>
  Object.values(content?.['application/json']?.examples ?? {}) as { value: unknown }[];

/** As a client sends or receives it. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('the OpenAPI document', () => {
  it('has every operation once, by its name', () => {
    const described = Object.values(DOCUMENT.paths).flatMap((item) =>
      Object.values(item).map(({ operationId }) => operationId),
    );
    expect(described.sort()).toEqual(Object.keys(OPERATIONS).sort());
  });

  it.each(Object.entries(examples()))('has an example of %s that fits its schema', (name, example) => {
    expect(misfits(name, asJson(example))).toEqual([]);
  });

  it('has an example of every JSON body that operations take and return', () => {
    const bodies = Object.values(DOCUMENT.paths).flatMap((item) =>
      Object.values(item).flatMap(({ operationId, requestBody, responses }) => [
        { body: `${operationId} request`, content: requestBody?.content },
        ...Object.entries(responses).map(([status, { content }]) => ({
          body: `${operationId} ${status}`,
          content,
        })),
      ]),
    );
    const json = bodies.flatMap(({ body, content }) => {
      const described = content?.['application/json'];
      return described === undefined ? [] : [{ body, ...described }];
    });
    expect(json.length).toBeGreaterThan(100);
    const without = json.filter(({ example, examples }) => example === undefined && examples === undefined);
    // The document itself.
    expect(without.map(({ body }) => body)).toEqual(['openapi 200']);
  });

  it('has examples of errors that fit their schemas', () => {
    let count = 0;
    for (const item of Object.values(DOCUMENT.paths))
      for (const { operationId, responses } of Object.values(item))
        for (const [status, response] of Object.entries(responses))
          for (const { value } of errorExamples(response)) {
            const wrong = schemaNames(response)!.map((name) => misfits(name, value));
            expect.soft(Math.min(...wrong.map(({ length }) => length)), `${operationId} ${status}`).toBe(0);
            count++;
          }
    expect(count).toBeGreaterThan(100);
  });
});

describe('the served document', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await startTestHost();
  });
  afterAll(() => host?.stop());

  it('is the generated one, needs no token, and is 304 while it is unchanged', async () => {
    const url = `${host.endpoints.api}/openapi.json`;
    const response = await fetch(url);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual(DOCUMENT);
    const again = await fetch(url, { headers: { 'If-None-Match': response.headers.get('etag')! } });
    expect(again.status).toBe(304);
  });

  it('is checked against every response that tests receive', async () => {
    const reply = await send(host, 'GET', pathOf('health'));
    const request = { method: 'GET', path: pathOf('health') };
    expect(responseMisfits(request, reply)).toEqual([]);
    expect(responseMisfits(request, { ...reply, body: { status: 'well' } })).toEqual([
      '/status must be equal to constant',
    ]);
    expect(responseMisfits(request, { ...reply, status: 418 })).toEqual([
      'health has no response with status 418',
    ]);
  });
});

/** How the API and the request's schema differ about a request. `undefined` if they agree. */
function difference(request: unknown, status: 200 | 400, body: unknown): string | undefined {
  const validate = validatorOf('ValidateRequest');
  const fits = validate(request);
  if (status === 200) return fits ? undefined : `stricter: ${leniencies(request)}`;
  return fits ? `looser: ${rulesIn(body).join(' and ')}` : undefined;
}

/** Why the API accepts what the schema does not: by the values that the schema refuses. */
function leniencies(request: unknown): string {
  const kinds = (validatorOf('ValidateRequest').errors ?? []).flatMap(({ instancePath, keyword }) => {
    const value = jsonPatch.getValueByPointer(request, instancePath) as unknown;
    // These report other errors again.
    return typeof value === 'object' || keyword === 'anyOf' ? [] : leniency(value, keyword, instancePath);
  });
  return [...new Set(kinds)].sort().join(' and ') || 'unexplained';
}

function leniency(value: unknown, keyword: string, path: string): string {
  if (keyword === 'type')
    return path.endsWith('/critical_load') ? 'a boolean as a word or number' : 'a number for text';
  if (typeof value === 'string' && value.trim() !== value) return 'white space around a value';
  if (keyword === 'pattern' && /^\d+\.0*$/.test(String(value))) return 'an integer with a fraction of zeros';
  return keyword === 'format' ? 'a date without its zeros' : 'unexplained';
}

const PATTERNS = (Object.keys(RULES) as RuleName[]).map((rule) => {
  const parts = RULES[rule].split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const isPhoneNumber = RULES[rule] === RULES.invalid_phone_number;
  return { rule: isPhoneNumber ? 'a phone number' : rule, pattern: new RegExp(`^${parts.join('[^]*')}$`) };
});

/** The rules of all messages in an error body. */
function rulesIn(body: unknown): string[] {
  if (typeof body === 'string')
    return [PATTERNS.find(({ pattern }) => pattern.test(body))?.rule ?? 'unexplained'];
  return [...new Set(Object.values(body as object).flatMap(rulesIn))].sort();
}

describe('on the vectors', () => {
  it('the schema of the validated data fits every accepted one', () => {
    const accepted = vectors.filter(({ status }) => status === 200);
    expect(accepted.length).toBeGreaterThan(250);
    for (const { name, body } of accepted)
      expect.soft(misfits('ValidatedPayload', asJson(body)), name).toEqual([]);
  });

  it('the request’s schema agrees with the API but for these classes', () => {
    const counts: Record<string, number> = {};
    for (const { changes, status, body } of vectors) {
      const request = asJson(jsonPatch.applyPatch(everyField(), changes).newDocument);
      const kind = difference(request, status, body) ?? 'agree';
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    expect(counts).toMatchInlineSnapshot(`
      {
        "agree": 1247,
        "looser: a phone number": 26,
        "looser: a phone number and null_character": 4,
        "looser: a phone number and null_character and surrogate": 1,
        "looser: a phone number and surrogate": 3,
        "looser: invalid_choice": 4,
        "looser: invalid_email": 8,
        "looser: not_date": 1,
        "looser: null_character": 19,
        "looser: required_with": 1,
        "looser: surrogate": 11,
        "looser: test_email": 7,
        "stricter: a boolean as a word or number": 5,
        "stricter: a date without its zeros": 1,
        "stricter: a number for text": 41,
        "stricter: a number for text and white space around a value": 1,
        "stricter: an integer with a fraction of zeros": 2,
        "stricter: white space around a value": 11,
      }
    `);
  });
});
