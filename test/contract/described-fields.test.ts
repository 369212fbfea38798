import { describe, expect, it } from 'vitest';
import { describedFields } from '../../shared/contract/described-fields.ts';
import { NON_FIELD_ERRORS } from '../../shared/contract/field.ts';
import { fieldPaths } from '../../shared/contract/ignored-fields.ts';
import { type ErrorBody, validateCreateRequest } from '../../shared/contract/request.ts';
import { RULES } from '../../shared/contract/rules.ts';
import { suggestCodes } from '../../shared/contract/suggest-codes.ts';
import { vectors } from './recorded.ts';
import { everyField, type Json, suppliers } from './requests.ts';

const fields = describedFields();
const byPath = new Map(fields.map((field) => [field.path, field]));

/** The messages in an error body, with the path of the field that they are about. */
function* messagesIn(errors: unknown, path: readonly string[] = []): Generator<[string, string]> {
  if (Array.isArray(errors)) for (const message of errors) yield [path.join('.'), message];
  else if (typeof errors === 'object' && errors !== null && !('detail' in errors)) {
    for (const [key, below] of Object.entries(errors)) {
      const isStep = !/^\d+$/.test(key) && key !== NON_FIELD_ERRORS;
      yield* messagesIn(below, isStep ? [...path, key] : path);
    }
  }
}

const asPattern = (template: string) =>
  new RegExp(`^${template.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '[^]*')}$`);

const reported = vectors
  .filter(({ status }) => status === 400)
  .flatMap(({ name, body }) => [...messagesIn(body)].map(([path, message]) => ({ name, path, message })));

describe('the described fields', () => {
  it('are those that the validation reads', () => {
    const plain = fields.filter(({ type }) => type !== 'object' && type !== 'list of objects');
    const validated = fieldPaths().map((path) => path.replaceAll('.*', '').replace(/^payload\./, ''));
    expect(plain.map(({ path }) => path)).toEqual(validated);
    expect(plain.filter(({ example }) => example === undefined).map(({ path }) => path)).toEqual([
      'task_params.schedule_window_start',
      'task_params.schedule_window_end',
    ]);
  });

  it('list every error of the vectors under the field that has it', () => {
    expect(reported.length).toBeGreaterThan(900);
    const unknown = reported.filter(({ path, message }) => {
      const errors = byPath.get(path === '' ? 'payload' : path)?.errors ?? [];
      return !errors.some((error) => asPattern(error.message).test(message));
    });
    // A body without a payload belongs to no field.
    expect(unknown.map(({ name }) => name)).toEqual(['the body is null']);
  });

  it('have no rule that the vectors do not know, but for those with tests of their own', () => {
    const tested = new Set(
      reported.flatMap(({ path, message }) =>
        (byPath.get(path)?.errors ?? [])
          .filter((error) => asPattern(error.message).test(message))
          .map(({ code }) => code),
      ),
    );
    const others = Object.keys(RULES).filter((rule) => !tested.has(rule as keyof typeof RULES));
    expect(others).toEqual([
      'no_data',
      'integer_too_long',
      'not_date_time',
      'invalid_local_time',
      'schedule_window_start_in_past',
      'schedule_window_end_too_far_in_future',
      'schedule_window_start__after_end',
      'the_occupier',
    ]);
  });

  it('have examples that are a valid request together, and stay as they are', () => {
    const request: Json = {};
    for (const { path, type, example } of fields) {
      const steps = path.split('.');
      const parent = steps.slice(0, -1).reduce((value, step) => [value[step]].flat()[0], request);
      parent[steps.at(-1)!] = type === 'object' ? {} : type === 'list of objects' ? [{}] : example;
    }
    const { payload, task_params, ...rest } = request;
    const result = validateCreateRequest({ payload: rest, task_params }, suppliers, Date.now());
    expect(payload).toEqual({});
    expect(result).toEqual({
      valid: true,
      data: { payload: rest, taskParameters: { isDryRun: true, windowStart: null, windowEnd: null } },
    });
  });

  it.each(fields.filter(({ codes }) => codes !== undefined))(
    'have codes that are suggested for a wrong one: $path',
    ({ path, type, codes }) => {
      const nest = (value: unknown) =>
        path.split('.').reduceRight<unknown>((inner, step) => ({ [step]: inner }), value);
      const [value, errors] = ['no such code', ['"no such code" is not a valid choice.']];
      const isList = type === 'list of codes';
      const found = suggestCodes(
        { payload: nest(isList ? [value] : value) },
        nest(isList ? { 0: errors } : errors) as ErrorBody,
        [],
      );
      const [suggested] = Object.values(found);
      expect(suggested?.length).toBeGreaterThan(0);
      for (const code of suggested ?? []) expect(codes).toContainEqual(code);
    },
  );

  it('list no error that a field cannot give', () => {
    const never: string[] = [];
    for (const { path, errors } of fields) {
      if (path.startsWith('task_params')) continue;
      const found = new Set(WRONG_VALUES.flatMap((value) => messagesAt(path, value)));
      for (const { code, message } of errors) {
        const pattern = asPattern(message);
        if (!OVER_SEVERAL_FIELDS.has(code) && ![...found].some((each) => pattern.test(each)))
          never.push(`${path}: ${code}`);
      }
    }
    expect(never).toEqual([]);
  });
});

/** Rules that no value of one field breaks. The vectors and test/contract/rules.test.ts have requests that break them. */
const OVER_SEVERAL_FIELDS: ReadonlySet<string> = new Set([
  'required_with',
  'no_location',
  'two_street_addresses',
  'the_occupier',
]);

/** Between them, these values break every rule. Undefined stands for a missing field. */
const WRONG_VALUES: readonly unknown[] = [
  ...[undefined, null, true, [], {}, [null], ['no such code'], 'no such code', '', -1],
  ...['\0', '\ud800', 'x'.repeat(600), '9'.repeat(1001), 'a\nb\nc', 'somebody@test.com', [{}], [true]],
];

/** The messages about the field at a path, if it has this value in the request with every field. */
function messagesAt(path: string, value: unknown): string[] {
  const request = everyField();
  const steps = (path === 'payload' ? path : `payload.${path}`).split('.');
  const parent = steps.slice(0, -1).reduce((inner, step) => [inner[step]].flat()[0], request);
  if (value === undefined) delete parent[steps.at(-1)!];
  else parent[steps.at(-1)!] = value;
  const result = validateCreateRequest(request, suppliers, Date.now());
  if (result.valid) return [];
  const wanted = path === 'payload' ? ['payload', ''] : [path];
  return [...messagesIn(result.errors)]
    .filter(([about]) => wanted.includes(about))
    .map(([, message]) => message);
}
