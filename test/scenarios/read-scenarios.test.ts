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

describe('rules that work', () => {
  it.each([
    ['none', []],
    ['a failure', [failing]],
    ['a failure after a while, for the first attempts', [{ ...failing, delaySeconds: 900, attempts: 20 }]],
    ['a failure of dry runs', [{ ...failing, outcome: 'DRY_RUN_ERRORED' }]],
    ['a slow import', [slow]],
    ['a slow dry run', [{ ...slow, outcome: 'DRY_RUN_SUCCEEDED' }]],
    ['a refusal', [throttled, outage]],
    ['a refusal for a part of each minute', [{ ...throttled, firstSecondsOfMinute: 59 }]],
    ['the same identifiers for both kinds of run', [failing, { ...failing, outcome: 'DRY_RUN_ERRORED' }]],
    ['the same identifiers, refused first and failing then', [{ ...throttled, identifiers: '*' }, failing]],
    ['one failure after another', [{ ...failing, attempts: 1 }, { ...failing, attempts: 2 }, failing]],
    ['a wider rule after a narrower one', [failing, { ...failing, identifiers: '4999*' }]],
    [
      'as many as there may be',
      Array.from({ length: SCENARIOS_MAX }, (_, n) => ({ ...failing, identifiers: `49990000${10 + n}` })),
    ],
    ['those of TEST_SUPPLIER', DOCUMENTED],
  ])('are taken as they are: %s', (_name, rules) => {
    expect(readScenarios(rules)).toEqual({ valid: true, data: rules });
  });
});

describe('a rule that cannot work is refused:', () => {
  it.each([
    ['rules that are no list', { rules: [] }, ['The rules must be a list.']],
    ['more rules than fit', Array.from({ length: 51 }, () => slow), ['There may be 50 rules at most.']],
    ['no object', [null], ['rule 1: must be an object']],
    ['a list', [[]], ['rule 1, outcome: must be one of ERRORED']],
    ['no outcome', [without(failing, 'outcome')], ['rule 1, outcome: must be one of ERRORED']],
    ['an unknown outcome', [{ ...failing, outcome: 'CANCELLED' }], ['rule 1, outcome: must be one of']],
    ['no pattern', [without(slow, 'identifiers')], ['rule 1, identifiers: is missing']],
    ['a pattern of nothing', [{ ...slow, identifiers: '499' }], ['rule 1, identifiers: asks for fewer']],
    [
      'a pattern that is no text',
      [{ ...slow, identifiers: 4999 }],
      ['rule 1, identifiers: must be a pattern'],
    ],
    ['an error without a code', [without(failing, 'code')], ['rule 1, code: is missing']],
    ['an error without a detail', [without(failing, 'detail')], ['rule 1, detail: is missing']],
    ['an error without a domain', [without(failing, 'domain')], ['rule 1, domain: is missing']],
    ['a code that is none', [{ ...failing, code: 'Failed!' }], ['rule 1, code: must be at most 100']],
    [
      'an unknown domain',
      [{ ...failing, domain: 'accounts' }],
      ['rule 1, domain: must be one of import_process'],
    ],
    ['no detail in a detail', [{ ...failing, detail: '' }], ['rule 1, detail: must not be empty']],
    ['a long detail', [{ ...failing, detail: 'x'.repeat(501) }], ['rule 1, detail: must be at most 500']],
    ['a success with a code', [{ ...slow, code: 'x' }], ['rule 1, code: is not a field of a rule with this']],
    ['a slow import that is not slow', [without(slow, 'delaySeconds')], ['rule 1, delaySeconds: is missing']],
    [
      'a delay that no queue has',
      [{ ...slow, delaySeconds: 901 }],
      ['rule 1, delaySeconds: must be a whole'],
    ],
    ['no delay', [{ ...slow, delaySeconds: 0 }], ['rule 1, delaySeconds: must be a whole']],
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
    ['no attempts', [{ ...failing, attempts: 0 }], ['rule 1, attempts: must be a whole number']],
    ['what is misspelt', [{ ...slow, delay_seconds: 5 }], ['rule 1, delay_seconds: is not a field']],
    ['the same twice', [failing, failing], ['rule 2: can never count, as rule 1']],
    ['what a wider one beats', [{ ...failing, identifiers: '4999*' }, slow], ['rule 2: can never count']],
    ['a retry that never comes', [slow, { ...slow, attempts: 1 }], ['rule 2: can never count']],
    [
      'an outage behind a 429',
      [throttled, { ...outage, identifiers: '4999*29' }],
      ['rule 2: can never count'],
    ],
    [
      'seconds that are refused already',
      [
        { ...throttled, firstSecondsOfMinute: 20 },
        { ...throttled, firstSecondsOfMinute: 10 },
      ],
      ['rule 2: can never count'],
    ],
  ])('%s', (_name, rules, issues) => {
    expect(issuesOf(rules)).toEqual(issues.map((issue) => expect.stringContaining(issue)));
  });

  it('with all that is wrong at once', () => {
    expect(issuesOf([slow, { ...failing, code: '', domain: '' }, { ...slow, identifiers: 'I' }])).toEqual([
      expect.stringContaining('rule 2, code'),
      expect.stringContaining('rule 2, domain'),
      expect.stringContaining('rule 3, identifiers'),
    ]);
  });

  it('whatever is sent, without throwing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.object(), (value, rule) => {
        expect(issuesOf(value).length > 0 || Array.isArray(value)).toBe(true);
        expect(issuesOf([{ ...failing, ...rule }]).every((issue) => issue.startsWith('rule 1'))).toBe(true);
      }),
    );
  });
});
