import { describe, expect, it } from 'vitest';
import { delayMs } from '../../cli/service.ts';

const now = Date.parse('2026-07-26T00:00:00Z');
const delay = (attempt: number, retryAfter: string | null, random = 0) =>
  delayMs(attempt, retryAfter, { random: () => random, now });

describe('the delay before a request is sent again', () => {
  it.each([
    ['no header', null, 125],
    ['seconds', '7', 7_000],
    ['no seconds', '0', 0],
    ['a date', 'Sun, 26 Jul 2026 00:00:09 GMT', 9_000],
    ['a date that has passed', 'Sat, 25 Jul 2026 23:59:00 GMT', 0],
    ['more than two minutes', '3600', 120_000],
    ['a date in a year', 'Mon, 26 Jul 2027 00:00:00 GMT', 120_000],
    ['neither', 'soon', 125],
    ['a negative number', '-1', 125],
  ])('with %s', (_, retryAfter, expected) => {
    expect(delay(1, retryAfter)).toBe(expected);
  });

  it('doubles up to 20 seconds without a header', () => {
    expect([1, 2, 3, 20].map((attempt) => delay(attempt, null, 1))).toEqual([250, 500, 1_000, 20_000]);
  });

  it('is up to a second longer than the server’s, so that clients do not come back together', () => {
    expect(delay(1, '7', 0.5)).toBe(7_500);
  });
});
