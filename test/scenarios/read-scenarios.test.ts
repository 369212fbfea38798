import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readScenarios } from '../../shared/scenarios/read-scenarios.ts';
import { SCENARIOS_MAX } from '../../shared/scenarios/scenario.ts';
import { DOCUMENTED } from './documented.ts';

const failing = {
  identifiers: '4999*01',
  outcome: 'ERRORED',
  code: 'account_import_failed',
  detail: 'It failed.',
  domain: 'account_import',
};
const slow = { identifiers: '4999*06', outcome: 'PROCESSED', delaySeconds: 5 };
const throttled = { identifiers: '4999*29', outcome: 'THROTTLED' };
const outage = { identifiers: '4999*53', outcome: 'OUTAGE' };
const issuesOf = (rules: unknown): string[] => {
  const read = readScenarios(rules);
  return read.valid ? [] : read.issues;
};
const without = (rule: Record<string, unknown>, field: string) =>
  Object.fromEntries(Object.entries(rule).filter(([name]) => name !== field));

describe('valid rules', () => {
  it.each([
    ['none', []],
    ['a failure', [failing]],
    ['a delayed failure of the first attempts', [{ ...failing, delaySeconds: 900, attempts: 20 }]],
    ['a failure of dry runs', [{ ...failing, outcome: 'DRY_RUN_ERRORED' }]],
    ['a slow import', [slow]],
    ['a slow dry run', [{ ...slow, outcome: 'DRY_RUN_SUCCEEDED' }]],
    ['rejections', [throttled, outage]],
    ['a rejection in the first seconds of each minute', [{ ...throttled, firstSecondsOfMinute: 59 }]],
    ['the same identifiers for imports and dry runs', [failing, { ...failing, outcome: 'DRY_RUN_ERRORED' }]],
    ['the same identifiers for a rejection and a failure', [{ ...throttled, identifiers: '*' }, failing]],
    ['one failure after another', [{ ...failing, attempts: 1 }, { ...failing, attempts: 2 }, failing]],
    ['a wider rule after a narrower one', [failing, { ...failing, identifiers: '4999*' }]],
    [
      'the maximum number of rules',
      Array.from({ length: SCENARIOS_MAX }, (_, n) => ({ ...failing, identifiers: `49990000${10 + n}` })),
    ],
    ['the rules of TEST_SUPPLIER', DOCUMENTED],
  ])('are accepted unchanged: %s', (_name, rules) => {
    expect(readScenarios(rules)).toEqual({ valid: true, data: rules });
  });
});

describe('an invalid rule is rejected:', () => {
  it.each([
    ['rules that are no list', { rules: [] }, ['The rules must be a list.']],
    ['more rules than fit', Array.from({ length: 51 }, () => slow), ['There may be 50 rules at most.']],
    ['no object', [null], ['rule 1: must be an object']],
    ['a list', [[]], ['rule 1, outcome: must be one of ERRORED']],
    ['no outcome', [without(failing, 'outcome')], ['rule 1, outcome: must be one of ERRORED']],
    ['an unknown outcome', [{ ...failing, outcome: 'CANCELLED' }], ['rule 1, outcome: must be one of']],
    ['no pattern', [without(slow, 'identifiers')], ['rule 1, identifiers: is missing']],
    ['a pattern of nothing', [{ ...slow, identifiers: '499' }], ['rule 1, identifiers: matches fewer']],
    [
      'a pattern that is no text',
      [{ ...slow, identifiers: 4999 }],
      ['rule 1, identifiers: must be a pattern'],
    ],
    ['an error without a code', [without(failing, 'code')], ['rule 1, code: is missing']],
    ['an error without a detail', [without(failing, 'detail')], ['rule 1, detail: is missing']],
    ['an error without a domain', [without(failing, 'domain')], ['rule 1, domain: is missing']],
    ['an invalid code', [{ ...failing, code: 'Failed!' }], ['rule 1, code: must have at most 100']],
    [
      'an unknown domain',
      [{ ...failing, domain: 'accounts' }],
      ['rule 1, domain: must be one of import_process'],
    ],
    ['an empty detail', [{ ...failing, detail: '' }], ['rule 1, detail: must not be empty']],
    ['a long detail', [{ ...failing, detail: 'x'.repeat(501) }], ['rule 1, detail: must have at most 500']],
    ['a success with a code', [{ ...slow, code: 'x' }], ['rule 1, code: is not a field of a rule with this']],
    [
      'a delayed import without a delay',
      [without(slow, 'delaySeconds')],
      ['rule 1, delaySeconds: is missing'],
    ],
    [
      'a delay that is longer than SQS allows',
      [{ ...slow, delaySeconds: 901 }],
      ['rule 1, delaySeconds: must be a whole'],
    ],
    ['a delay of zero', [{ ...slow, delaySeconds: 0 }], ['rule 1, delaySeconds: must be a whole']],
    ['a delay in text', [{ ...slow, delaySeconds: '5' }], ['rule 1, delaySeconds: must be a whole']],
    ['half a second', [{ ...slow, delaySeconds: 0.5 }], ['rule 1, delaySeconds: must be a whole']],
    [
      'no number of seconds',
      [{ ...slow, delaySeconds: Number.NaN }],
      ['rule 1, delaySeconds: must be a whole'],
    ],
    ['a 429 with a delay', [{ ...throttled, delaySeconds: 5 }], ['rule 1, delaySeconds: is not a field']],
    ['a 503 with an error', [{ ...outage, code: 'x' }], ['rule 1, code: is not a field']],
    ['a 429 for attempts', [{ ...throttled, attempts: 1 }], ['rule 1, attempts: is not a field']],
    [
      'a 429 for all of a minute',
      [{ ...throttled, firstSecondsOfMinute: 60 }],
      ['rule 1, firstSecondsOfMinute: must'],
    ],
    [
      'an error for seconds',
      [{ ...failing, firstSecondsOfMinute: 1 }],
      ['rule 1, firstSecondsOfMinute: is not'],
    ],
    ['zero attempts', [{ ...failing, attempts: 0 }], ['rule 1, attempts: must be a whole number']],
    ['a misspelt field', [{ ...slow, delay_seconds: 5 }], ['rule 1, delay_seconds: is not a field']],
    ['the same rule twice', [failing, failing], ['rule 2: is never used, because rule 1']],
    ['a rule behind a wider one', [{ ...failing, identifiers: '4999*' }, slow], ['rule 2: is never used']],
    [
      'a rule for attempts behind one for all attempts',
      [slow, { ...slow, attempts: 1 }],
      ['rule 2: is never used'],
    ],
    ['an outage behind a 429', [throttled, { ...outage, identifiers: '4999*29' }], ['rule 2: is never used']],
    [
      'seconds that an earlier rule already rejects',
      [
        { ...throttled, firstSecondsOfMinute: 20 },
        { ...throttled, firstSecondsOfMinute: 10 },
      ],
      ['rule 2: is never used'],
    ],
  ])('%s', (_name, rules, issues) => {
    expect(issuesOf(rules)).toEqual(issues.map((issue) => expect.stringContaining(issue)));
  });

  it('with all its errors', () => {
    expect(issuesOf([slow, { ...failing, code: '', domain: '' }, { ...slow, identifiers: 'I' }])).toEqual([
      expect.stringContaining('rule 2, code'),
      expect.stringContaining('rule 2, domain'),
      expect.stringContaining('rule 3, identifiers'),
    ]);
  });

  it('for any JSON, without an exception', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.object(), (value, rule) => {
        expect(issuesOf(value).length > 0 || Array.isArray(value)).toBe(true);
        expect(issuesOf([{ ...failing, ...rule }]).every((issue) => issue.startsWith('rule 1'))).toBe(true);
      }),
    );
  });
});
