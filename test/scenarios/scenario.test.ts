import { describe, expect, it } from 'vitest';
import { importScenarioFor, requestScenarioFor, type Scenario } from '../../shared/scenarios/scenario.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';
import { DOCUMENTED } from './documented.ts';

const SECOND = 1000;
/** The start of a minute. */
const MINUTE = Date.parse('2026-03-02T01:00:00Z');
const error = { detail: 'It failed.', domain: 'account_import' } as const;
const rule = (code: string, identifiers: string, attempts?: number): Scenario => ({
  identifiers,
  outcome: 'ERRORED',
  code,
  ...error,
  ...(attempts && { attempts }),
});
const codeOf = (rules: readonly Scenario[], identifier: string, attempt = 1, isDryRun = false) => {
  const found = importScenarioFor(rules, { identifier, isDryRun, attempt });
  return found && ('code' in found ? found.code : found.outcome);
};

describe('the rule that is used', () => {
  it('is the first that matches', () => {
    const rules = [rule('narrow', '4999000001'), rule('wide', '4999*'), rule('all', '*')];
    expect(codeOf(rules, '4999000001')).toBe('narrow');
    expect(codeOf(rules, '4999000002')).toBe('wide');
    expect(codeOf(rules, '4001000000')).toBe('all');
    expect(codeOf([], '4001000000')).toBeUndefined();
  });

  it('applies to its number of attempts, and the next that matches to later ones', () => {
    const rules = [rule('first', '4999*', 1), rule('then', '*', 3)];
    expect([1, 2, 3, 4].map((attempt) => codeOf(rules, '4999000001', attempt))).toEqual([
      'first',
      'then',
      'then',
      undefined,
    ]);
  });

  it('applies either to dry runs or to other imports', () => {
    const rules: Scenario[] = [
      { ...rule('dry', '4999*'), outcome: 'DRY_RUN_ERRORED' } as Scenario,
      rule('real', '4999*'),
    ];
    expect(codeOf(rules, '4999000001', 1, true)).toBe('dry');
    expect(codeOf(rules, '4999000001', 1, false)).toBe('real');
    expect(codeOf(rules.slice(1), '4999000001', 1, true)).toBeUndefined();
  });

  it('rejects create requests, or decides the outcome of imports, but never both', () => {
    const rules: Scenario[] = [
      { identifiers: '4999*', outcome: 'THROTTLED' },
      { identifiers: '*', outcome: 'PROCESSED', delaySeconds: 5 },
    ];
    expect(codeOf(rules, '4999000001')).toBe('PROCESSED');
    expect(requestScenarioFor(rules, '4999000001', MINUTE)).toBe(rules[0]);
    expect(requestScenarioFor(rules, '4001000001', MINUTE)).toBeUndefined();
  });

  it('rejects only in its number of first seconds of each minute', () => {
    const rules: Scenario[] = [{ identifiers: '*', outcome: 'THROTTLED', firstSecondsOfMinute: 20 }];
    const isRejected = (ms: number) => requestScenarioFor(rules, '4999000001', MINUTE + ms) !== undefined;
    expect([0, 19 * SECOND + 999, 20 * SECOND, 59 * SECOND, 60 * SECOND].map(isRejected)).toEqual([
      true,
      true,
      false,
      false,
      true,
    ]);
  });
});

describe('the rules of TEST_SUPPLIER', () => {
  const anyRule = (identifier: string) =>
    requestScenarioFor(DOCUMENTED, identifier, MINUTE) ??
    [false, true]
      .map((isDryRun) => importScenarioFor(DOCUMENTED, { identifier, isDryRun, attempt: 1 }))
      .find((found) => found !== undefined);

  it('match neither the guide’s example nor ordinary identifiers', () => {
    expect(anyRule(guideRequest().payload.supply_point.identifier)).toBeUndefined();
    for (let number = 0; number < 1000; number += 1)
      expect(anyRule(identifierNumber(number))).toBeUndefined();
    expect(anyRule('4999000000')).toBeUndefined();
    expect(anyRule('4998000001')).toBeUndefined();
  });

  it('are selected by the last two digits', () => {
    const matched = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0')).filter(
      (ending) => anyRule(`49991234${ending}`) !== undefined,
    );
    expect(matched).toEqual(['01', '02', '03', '04', '05', '06', '07', '28', '29', '53']);
  });
});
