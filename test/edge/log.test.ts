import * as v from 'valibot';
import { describe, expect, it, vi } from 'vitest';
import { describeError, log } from '../../functions/edge/log.ts';
import { lifetimeSetting, secondsSetting, setting } from '../../functions/edge/settings.ts';
import { lambdaContext, withLog } from './invoke.ts';

describe('a described error', () => {
  it('has its name, message, cause and stack frames', () => {
    const error = new RangeError('outer', { cause: new TypeError('inner') });
    expect(describeError(error)).toEqual({
      name: 'RangeError',
      message: 'outer',
      cause: { name: 'TypeError', message: 'inner', frames: expect.any(Array) },
      frames: expect.any(Array),
    });
  });

  it('has at most ten frames, and no line of the message', () => {
    const deep = (depth: number): Error => (depth === 0 ? new Error('one\n  two at three') : deep(depth - 1));
    Error.stackTraceLimit = 30;
    const { frames } = describeError(deep(20)) as { frames: string[] };
    Error.stackTraceLimit = 10;
    expect(frames).toHaveLength(10);
    expect(frames.filter((frame) => !/^at \S/.test(frame))).toEqual([]);
  });

  it('has no frames if there is no stack', () => {
    const error = Object.assign(new Error('x'), { stack: undefined });
    expect(describeError(error)).toEqual({ name: 'Error', message: 'x', frames: [] });
  });

  it.each([
    ['of a JSON parser', () => JSON.parse('Mickey Mouse')],
    ['of a schema', () => v.parse(v.picklist(['a']), 'Mickey Mouse')],
  ])('%s does not quote personal data', (_, fail) => {
    let error: unknown;
    try {
      fail();
    } catch (thrown) {
      error = thrown;
    }
    expect(String(error)).toMatch(/Mickey/);
    expect(JSON.stringify(describeError(error))).not.toMatch(/Mickey/);
    expect(describeError(error)).toHaveProperty('name');
  });

  it('that is no Error has its type only', () => {
    expect(describeError('Mickey Mouse')).toEqual({ name: 'string' });
  });
});

describe('a line of the log', () => {
  const line = async (write: () => void) => (await withLog(write)).lines[0];

  it('has the trace only in warnings and errors', async () => {
    vi.stubEnv('_X_AMZN_TRACE_ID', 'Root=1-67891233-abcdef012345678912345678;Sampled=1');
    log.addContext(lambdaContext);
    const lines = [
      await line(() => log.info('a')),
      await line(() => log.warn('b')),
      await line(() => log.error('c')),
    ];
    vi.unstubAllEnvs();
    const trace = '1-67891233-abcdef012345678912345678';
    const common = { timestamp: expect.any(String), function_request_id: 'invocation-1' };
    expect(lines).toEqual([
      { ...common, level: 'INFO', message: 'a' },
      { ...common, level: 'WARN', message: 'b', xray_trace_id: trace },
      { ...common, level: 'ERROR', message: 'c', xray_trace_id: trace },
    ]);
  });
});

describe('a setting', () => {
  const lifetimeDays = (name: string) => lifetimeSetting(name).keptDays;

  it.each<[string, string | undefined, (name: string) => unknown, unknown]>([
    ['text', 'a', setting, 'a'],
    ['seconds', '1.5', secondsSetting, 1500],
    ['no seconds', '0', secondsSetting, 0],
    ['days', '30', lifetimeDays, 30],
    ['no days', undefined, lifetimeDays, undefined],
  ])('is read: %s', (_, value, read, expected) => {
    vi.stubEnv('A_SETTING', value);
    expect(read('A_SETTING')).toBe(expected);
    vi.unstubAllEnvs();
  });

  it.each<[string, string | undefined, (name: string) => unknown, string]>([
    ['that is absent', undefined, setting, 'is not set'],
    ['that is empty', '', setting, 'is not set'],
    ['of seconds that is no number', '1 s', secondsSetting, 'is not a number of seconds'],
    ['of days that is no number', 'x', lifetimeSetting, 'is not a number of days'],
    ['of days that is zero', '0', lifetimeSetting, 'is not a number of days'],
  ])('%s stops the start with its name', (_, value, read, problem) => {
    vi.stubEnv('A_SETTING', value);
    expect(() => read('A_SETTING')).toThrow(`The environment variable A_SETTING ${problem}.`);
    vi.unstubAllEnvs();
  });

  it('of a lifetime counts from the present time', () => {
    const before = Date.now();
    const { clock } = lifetimeSetting('NO_SUCH_SETTING');
    expect(clock()).toBeGreaterThanOrEqual(before);
  });
});
