import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SmallHost, startSmallHost } from './small-assembly.ts';

/** A function whose event determines its outcome. */
const FATE = `
import { threadId } from 'node:worker_threads';
const fates = {
  answer: async ({ value }) => value ?? threadId,
  throw: async () => { throw new TypeError('thrown'); },
  'throw no error': async () => { throw 'text'; },
  'reject later': async () => { setTimeout(() => { throw new Error('late'); }, 0); return new Promise(() => {}); },
  'leave a rejection unhandled': async () => { Promise.reject(new Error('unhandled rejection')); return new Promise(() => {}); },
  exit: async () => process.exit(3),
  hang: async () => { console.log('hangs'); return new Promise(() => {}); },
  spin: async () => { for (;;); },
  'recurse': async () => { const down = () => 1 + down(); return down(); },
  'answer much': async ({ bytes }) => 'x'.repeat(bytes - 2),
  'return no JSON': async () => 1n,
  'answer nothing': async () => undefined,
  environment: async () => process.env,
  remaining: async (_, context) => context.getRemainingTimeInMillis(),
};
export const handler = (event, context) => fates[event.fate](event, context);
`;

let host: SmallHost;
/** Takes ten seconds; the other tests run meanwhile. */
let endless: Promise<unknown>;
beforeAll(async () => {
  process.env['SECRET_OF_THE_LAPTOP'] = 'secret';
  host = await startSmallHost({
    functions: {
      fate: { code: FATE, properties: { Timeout: 25, Environment: { Variables: { SETTING: 'given' } } } },
      brief: { code: FATE, properties: { Timeout: 1 } },
      one: { code: FATE, properties: { Timeout: 1, ReservedConcurrentExecutions: 1 } },
      unset: { code: "throw new Error('The environment variable X is not set.')" },
      missing: { code: "import 'no-such-package'; export const handler = () => 1" },
      broken: { code: 'export const handler = (' },
      useless: { code: 'export const other = 1' },
      endless: { code: 'setInterval(() => {}, 1000); await new Promise(() => {});' },
      greedy: {
        code: `export const handler = () => {
          const all = [];
          for (;;) all.push({ number: all.length, text: 'x' + all.length });
        }`,
        properties: { Timeout: 25 },
      },
      proxy: {
        code: `export const handler = async ({ queryStringParameters: { bytes, fate } }) => {
          if (fate === 'exit') process.exit(1);
          if (fate === 'hang') return new Promise(() => {});
          return { statusCode: 200, body: 'x'.repeat(Number(bytes)) };
        }`,
        properties: { Timeout: 5 },
      },
    },
  });
  endless = host.invoke('endless');
});
afterAll(() => host.stop());

const fate = (name: string, more = {}) => host.invoke('fate', { fate: name, ...more });

describe('an invocation', () => {
  it.each([
    ['throw', 'TypeError', 'thrown', 'fate'],
    ['throw no error', 'Error', 'text', 'fate'],
    ['reject later', 'Runtime.ExitError', 'late', 'fate'],
    ['leave a rejection unhandled', 'Runtime.ExitError', 'unhandled rejection', 'fate'],
    ['exit', 'Runtime.ExitError', 'The thread ended with 3.', 'fate'],
    ['hang', 'Sandbox.Timedout', /^[0-9a-f-]{36} Task timed out after 1 seconds$/, 'brief'],
    ['spin', 'Sandbox.Timedout', /Task timed out after 1 seconds$/, 'brief'],
    ['recurse', 'RangeError', /call stack/, 'fate'],
    ['return no JSON', 'TypeError', /BigInt/, 'fate'],
  ])(
    'with the outcome "%s" is an error and does not affect the next one',
    async (name, errorType, message, ofFunction) => {
      const outcome = await host.invoke(ofFunction, { fate: name });
      expect(outcome).toEqual({
        error: {
          errorType,
          errorMessage: typeof message === 'string' ? message : expect.stringMatching(message),
        },
      });
      expect(await host.invoke(ofFunction, { fate: 'answer', value: 1 })).toEqual({ result: 1 });
    },
  );

  it('that exhausts the heap is an error', async () => {
    expect(await host.invoke('greedy')).toMatchObject({ error: { errorType: 'Runtime.OutOfMemory' } });
  });

  it('has no result if the handler returns none', async () => {
    expect(await fate('answer nothing')).toEqual({ result: null });
  });

  it('has the environment variables of the template and of Lambda only', async () => {
    const { result } = (await fate('environment')) as { result: Record<string, string> };
    expect(result).toMatchObject({ SETTING: 'given', AWS_LAMBDA_FUNCTION_NAME: 'small-fate' });
    expect(result).not.toHaveProperty('SECRET_OF_THE_LAPTOP');
    expect(result).not.toHaveProperty('PATH');
  });

  it('has the remaining time in its context', async () => {
    const { result } = (await fate('remaining')) as { result: number };
    expect(result).toBeGreaterThan(15_000);
    expect(result).toBeLessThanOrEqual(25_000);
  });

  it('may return 6 MB and not one byte more', async () => {
    expect(await fate('answer much', { bytes: 6_291_556 })).toHaveProperty('result');
    expect(await fate('answer much', { bytes: 6_291_557 })).toMatchObject({
      error: { errorType: 'Function.ResponseSizeTooLarge' },
    });
  });

  it('may not receive more than 6 MB', async () => {
    expect(await fate('answer', { value: 'x'.repeat(6 * 1024 * 1024) })).toMatchObject({
      error: { errorType: 'RequestTooLargeException' },
    });
  });

  it.each([
    ['unset', 'Error', 'The environment variable X is not set.'],
    ['missing', 'Error', /no-such-package/],
    ['broken', 'SyntaxError', /.*/],
    ['useless', 'TypeError', /exports no function/],
  ])('of the bundle "%s", which does not load, is an error each time', async (name, errorType, message) => {
    for (let time = 0; time < 3; time += 1) {
      expect(await host.invoke(name)).toEqual({
        error: {
          errorType,
          errorMessage: typeof message === 'string' ? message : expect.stringMatching(message),
        },
      });
    }
    expect(host.logs(name).length).toBeGreaterThan(0);
  });
});

describe('a function', () => {
  it('serves waiting events in order, whatever the outcomes of earlier ones', async () => {
    const fates = ['exit', 'answer', 'hang', 'answer', 'throw', 'spin', 'answer', 'reject later', 'answer'];
    const outcomes = await Promise.all(fates.map((name, value) => host.invoke('one', { fate: name, value })));
    expect(
      outcomes.map((outcome) => ('error' in outcome ? outcome.error.errorType : outcome.result)),
    ).toEqual([
      'Runtime.ExitError',
      1,
      'Sandbox.Timedout',
      3,
      'TypeError',
      'Sandbox.Timedout',
      6,
      'Runtime.ExitError',
      8,
    ]);
  });

  it('that is killed fails its running invocations and serves the waiting ones', async () => {
    const before = host.logs('one').length;
    const atWork = host.invoke('one', { fate: 'hang' });
    await expect.poll(() => host.logs('one').slice(before)).toContain('hangs');
    const waits = host.invoke('one', { fate: 'answer', value: 'served' });
    await host.kill('one');
    expect(await atWork).toMatchObject({ error: { errorType: 'Runtime.ExitError' } });
    expect(await waits).toEqual({ result: 'served' });
  });

  it('that is killed repeatedly returns an outcome for every event', async () => {
    const outcomes: Promise<unknown>[] = [];
    for (let round = 0; round < 20; round += 1) {
      outcomes.push(...[1, 2, 3].map((value) => fate('answer', { value })));
      await outcomes[round];
      await host.kill('fate');
    }
    for (const outcome of await Promise.all(outcomes)) expect(outcome).toSatisfy(isOutcome);
    expect(await fate('answer', { value: 'alive' })).toEqual({ result: 'alive' });
  });

  it('has no more concurrent invocations than allowed', async () => {
    const ids = await Promise.all(Array.from({ length: 30 }, () => host.invoke('one', { fate: 'answer' })));
    expect(new Set(ids.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
  });
});

const isOutcome = (outcome: object): boolean => 'result' in outcome !== 'error' in outcome;

describe('an endpoint', () => {
  const get = (query: string) => fetch(`${host.url('proxy')}?${query}`);

  it('returns 6 MB, and 502 for a larger result', async () => {
    expect((await get('bytes=6000000')).status).toBe(200);
    expect((await get('bytes=6300000')).status).toBe(502);
  });

  it.each(['exit', 'hang'])('returns 502 for a function with the outcome "%s"', async (name) => {
    expect((await get(`fate=${name}`)).status).toBe(502);
    expect((await get('bytes=1')).status).toBe(200);
  });
});

it('a bundle that never finishes loading times out', async () => {
  expect(await endless).toEqual({
    error: {
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/ Task timed out after 10 seconds$/),
    },
  });
});
