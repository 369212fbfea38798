import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson } from '../../shared/contract/python-json.ts';
import { validateCreateRequest, validatePayload, validateRequest } from '../../shared/contract/request.ts';
import { at, everyField, type Json, type Path, suppliers } from './requests.ts';

const everyRequestField = (): Json => ({
  ...everyField(),
  task_params: { is_dry_run: true, schedule_window_start: null },
});
const NOW = Date.parse('2025-10-07T09:00:00+11:00');

/** Edge cases and arbitrary JSON. */
const edgeCase = fc.oneof(
  fc.jsonValue(),
  fc.json({ stringUnit: 'binary' }).map((text) => JSON.parse(text)),
  fc.constantFrom<unknown>(
    '__proto__',
    'constructor',
    'toString',
    1e308,
    -1e308,
    1e-320,
    -0,
    2 ** 53,
    '\ud800',
  ),
  fc.constantFrom<unknown>(
    '2024-01-01T00:00',
    '0488008221',
    'a@b.co',
    ' 11 ',
    'on',
    'U',
    '+61',
    null,
    true,
    [],
    {},
  ),
  fc
    .constantFrom('__proto__', 'constructor', 'toString')
    .map((key) => JSON.parse(`{"${key}": {"title": 1}}`)),
  fc.array(fc.constantFrom(null, {}, 'ADMIN'), { maxLength: 3 }),
);

const paths = [...pathsIn(everyRequestField())];

/** The request with every field, of which some are replaced by any value or removed. */
const request = fc
  .array(fc.tuple(fc.constantFrom(...paths), fc.option(edgeCase, { nil: undefined })), {
    minLength: 1,
    maxLength: 4,
  })
  .map((changes) => {
    const body = everyRequestField();
    for (const [path, value] of changes) {
      const parent = at(body, path.slice(0, -1));
      if (typeof parent === 'object' && parent !== null) parent[path.at(-1)!] = structuredClone(value);
    }
    return JSON.parse(JSON.stringify(body));
  });

const anyBody = fc.oneof({ weight: 4, arbitrary: request }, { weight: 1, arbitrary: edgeCase });

test('any body gives normalised data or an error body, and both are JSON', () => {
  fc.assert(
    fc.property(anyBody, (body) => {
      for (const result of [validateRequest(body, suppliers), validateCreateRequest(body, suppliers, NOW)]) {
        const output: Json = result.valid ? result.data : result.errors;
        expect(parseJson(JSON.stringify(output))).toStrictEqual(output);
        expect(Object.keys(output)).not.toHaveLength(0);
      }
    }),
    { numRuns: 3000 },
  );
});

test('normalised data is valid and stays the same', () => {
  fc.assert(
    fc.property(anyBody, (body) => {
      const first = validateRequest(body, suppliers);
      if (first.valid) expect(validatePayload(first.data, suppliers)).toStrictEqual(first);
    }),
    { numRuns: 3000 },
  );
});

test('unknown fields do not change the result', () => {
  const unknown = fc.dictionary(
    fc.string().map((key) => `unknown ${key}`),
    edgeCase,
    { maxKeys: 3 },
  );
  fc.assert(
    fc.property(request, unknown, (body, fields) => {
      const expected = validateCreateRequest(body, suppliers, NOW);
      const more = withFieldsEverywhere(body, fields, everyRequestField());
      expect(validateCreateRequest(more, suppliers, NOW)).toStrictEqual(expected);
    }),
    { numRuns: 1000 },
  );
});

test('a body with the deepest nesting that a request can have is validated', () => {
  const deep = JSON.parse('['.repeat(131_072) + ']'.repeat(131_072));
  for (const body of [deep, { payload: deep }, ...paths.map((path) => withDeep(path, deep))]) {
    const result = validateCreateRequest(body, suppliers, NOW);
    expect(JSON.stringify(result).length).toBeLessThan(3000);
  }
});

function withDeep(path: Path, deep: unknown): Json {
  const body = everyRequestField();
  at(body, path.slice(0, -1))[path.at(-1)!] = deep;
  return body;
}

/** Adds fields to the objects that `like` also has. Messages quote the others. */
function withFieldsEverywhere(value: Json, fields: object, like: Json): Json {
  if (typeof like !== 'object' || like === null || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    if (!Array.isArray(like)) return value;
    return value.map((item, index) => withFieldsEverywhere(item, fields, like[index] ?? like[0]));
  }
  if (Array.isArray(like)) return value;
  const copy = Object.entries(value).map(([key, inner]) => [
    key,
    withFieldsEverywhere(inner, fields, like[key]),
  ]);
  return { ...fields, ...Object.fromEntries(copy) };
}

function* pathsIn(value: Json, path: Path = []): Generator<Path> {
  if (path.length > 0) yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) yield* pathsIn(inner, [...path, key]);
}
