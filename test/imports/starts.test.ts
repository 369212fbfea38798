import { expect, it } from 'vitest';
import { areStartsExhausted } from '../../shared/imports/model/starts.ts';

const MINUTE = 60_000;
const startedAt = Date.UTC(2026, 0, 5);
const record = { attempt: 1, started_at: startedAt, history: [] };

it.each([
  [4, 15 * MINUTE, false],
  [5, 15 * MINUTE - 1, false],
  [5, 15 * MINUTE, true],
  [6, 15 * MINUTE - 1, false],
  [6, 16 * MINUTE, true],
])('an attempt with %i starts, the first %i ms ago, is given up: %s', (starts, ms, isGivenUp) => {
  expect(areStartsExhausted(record, starts, startedAt + ms)).toBe(isGivenUp);
});

it('an attempt that never started is not given up', () => {
  expect(areStartsExhausted({ attempt: 1, history: [] }, 5, startedAt)).toBe(false);
});
