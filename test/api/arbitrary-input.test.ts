import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SUPPLY_POINTS, send, startTestHost, type TestHost } from '../support/host.ts';
import { guideRequest } from '../support/requests.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

const PATHS = [`${SUPPLY_POINTS}/validate/`, `${SUPPLY_POINTS}/`] as const;

/** The paths of all values in a value, as keys. */
function places(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, below]) => places(below, [...path, key]))];
}

function putAt(value: unknown, [key, ...rest]: string[], what: unknown): unknown {
  if (key === undefined) return what;
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) };
  const at = copy as Record<string, unknown>;
  at[key] = putAt(at[key], rest, what);
  return copy;
}

const key = fc.oneof(
  fc.string(),
  fc.constantFrom('__proto__', 'constructor', 'payload', 'task_params', 'accounts'),
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, false, '', ' ', '\u0000', '\ud800', '0', 1e308, -0, 2 ** 53),
    fc.double({ noNaN: true }),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  ),
})).value;

it('no JSON body causes a 5xx', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...PATHS), json, async (path, body) => {
      const reply = await send(host, 'POST', path, { token: host.token, json: body ?? null });
      expect(reply.status).toBe(400);
    }),
    { numRuns: 150 },
  );
});

it('no value at any path of a valid request causes a 5xx', async () => {
  const request = { ...guideRequest(), task_params: { is_dry_run: true, schedule_window_start: null } };
  const place = fc.constantFrom(...places(request).filter((path) => path.length > 0));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...PATHS), place, json, async (path, where, what) => {
      const reply = await send(host, 'POST', path, { token: host.token, json: putAt(request, where, what) });
      expect([200, 201, 400]).toContain(reply.status);
    }),
    { numRuns: 300 },
  );
});

it('no bytes cause a 5xx', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...PATHS), fc.uint8Array({ maxLength: 200 }), async (path, bytes) => {
      const headers = { 'Content-Type': 'application/json' };
      const reply = await send(host, 'POST', path, {
        token: host.token,
        body: new Uint8Array(bytes),
        headers,
      });
      expect(reply.status).toBe(400);
    }),
    { numRuns: 100 },
  );
});
