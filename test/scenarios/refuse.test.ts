import { expect, it } from 'vitest';
import { cachedScenarios, SCENARIOS_CACHED_SECONDS } from '../../shared/scenarios/cached.ts';
import { refuseByScenario } from '../../shared/scenarios/refuse.ts';
import type { Scenario } from '../../shared/scenarios/scenario.ts';
import { DOCUMENTED } from './documented.ts';

const SECOND = 1000;
const MINUTE = Date.parse('2026-03-02T01:00:00Z');
const payload = (identifier: string) =>
  ({ import_supplier: 'TEST_SUPPLIER', supply_point: { identifier } }) as Parameters<
    ReturnType<typeof refuseByScenario>
  >[0];
const refuse = refuseByScenario(async () => DOCUMENTED);
const throttled = (wait: string) => ({
  status: 429,
  body: { detail: `Request was throttled. Expected available in ${wait}.`, code: 'throttled' },
  headers: { 'Retry-After': wait.split(' ')[0] },
});

it.each([
  ['4999000029', 0, throttled('30 seconds')],
  [
    '4999000053',
    0,
    { status: 503, body: { detail: 'A server error occurred.', code: 'error' }, headers: {} },
  ],
  ['4999000028', 0, throttled('20 seconds')],
  ['4999000028', 19.9, throttled('1 second')],
  ['4999000028', 20, undefined],
  ['4999000001', 0, undefined],
  ['4001248530', 0, undefined],
])('%s is refused in second %s with %j', async (identifier, second, expected) => {
  expect(await refuse(payload(identifier), MINUTE + second * SECOND)).toEqual(expected);
});

it('rules are read once in a while, and for each supplier', async () => {
  const asked: string[] = [];
  let now = MINUTE;
  let rules: readonly Scenario[] | undefined;
  const get = async (code: string) => {
    asked.push(code);
    return rules;
  };
  const scenariosOf = cachedScenarios({ get }, () => now);
  expect(await scenariosOf('A')).toEqual([]);
  rules = DOCUMENTED;
  now += SCENARIOS_CACHED_SECONDS * SECOND - 1;
  expect(await scenariosOf('A')).toEqual([]);
  expect(await scenariosOf('B')).toBe(rules);
  now += 1;
  expect(await scenariosOf('A')).toBe(rules);
  expect(asked).toEqual(['A', 'B', 'A']);
});
