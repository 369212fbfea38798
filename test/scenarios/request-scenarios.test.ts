import { describe, expect, it } from 'vitest';
import { scenarioResponse } from '../../functions/edge/responses.ts';
import { type Rejection, rejectByScenario } from '../../shared/scenarios/request-scenarios.ts';
import type { Scenario } from '../../shared/scenarios/scenario.ts';
import { cachedScenarios } from '../../shared/scenarios/store.ts';
import { REGISTRY_CACHED_SECONDS } from '../../shared/suppliers/registry.ts';
import { DOCUMENTED } from './documented.ts';

const SECOND = 1000;
const MINUTE = Date.parse('2026-03-02T01:00:00Z');
const payload = (identifier: string) =>
  ({ import_supplier: 'TEST_SUPPLIER', supply_point: { identifier } }) as Parameters<
    ReturnType<typeof rejectByScenario>
  >[0];
const reject = rejectByScenario(async () => DOCUMENTED);
const throttled = (retryAfterSeconds: number): Rejection => ({ kind: 'throttled', retryAfterSeconds });

describe('a create request', () => {
  it.each([
    ['4999000029', 0, throttled(30)],
    ['4999000053', 0, { kind: 'outage' }],
    ['4999000028', 0, throttled(20)],
    ['4999000028', 19.9, throttled(1)],
    ['4999000028', 20, undefined],
    ['4999000001', 0, undefined],
    ['4001248530', 0, undefined],
  ])('for %s in second %s of a minute is rejected with %j', async (identifier, second, expected) => {
    expect(await reject(payload(identifier), MINUTE + second * SECOND)).toEqual(expected);
  });

  const tooMany = (wait: string, seconds: string) => ({
    status: 429,
    body: { detail: `Request was throttled. Expected available in ${wait}.`, code: 'throttled' },
    headers: { 'Retry-After': seconds },
  });
  it.each([
    [throttled(30), tooMany('30 seconds', '30')],
    [throttled(1), tooMany('1 second', '1')],
    [
      { kind: 'outage' } as const,
      { status: 503, body: { detail: 'A server error occurred.', code: 'error' } },
    ],
  ])('that is rejected with %j gets upstream’s response', (rejection, expected) => {
    expect(scenarioResponse(rejection)).toEqual(expected);
  });
});

it('scenarios are cached for each supplier, including that there are none', async () => {
  const reads: string[] = [];
  let now = MINUTE;
  let rules: readonly Scenario[] | undefined;
  const get = async (code: string) => {
    reads.push(code);
    return rules;
  };
  const scenariosOf = cachedScenarios({ get }, () => now);
  expect(await scenariosOf('A')).toEqual([]);
  rules = DOCUMENTED;
  now += REGISTRY_CACHED_SECONDS * SECOND - 1;
  expect(await scenariosOf('A')).toEqual([]);
  expect(await scenariosOf('B')).toBe(rules);
  now += 1;
  expect(await scenariosOf('A')).toBe(rules);
  expect(reads).toEqual(['A', 'B', 'A']);
});
