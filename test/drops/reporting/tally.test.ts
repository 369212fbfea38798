import { describe, expect, it } from 'vitest';
import {
  addErrors,
  DISTINCT_ERRORS_MAX,
  DISTINCT_IGNORED_MAX,
  DISTINCT_WRONG_CODES_MAX,
  ErrorTallies,
  IgnoredTallies,
  Tally,
} from '../../../shared/drops/reporting/tally.ts';

const wrongType = (code: string) => ({
  accounts: { 0: { account_type: [`"${code}" is not a valid choice.`] } },
});
const wrongEmail = (address: string) => ({
  accounts: { 3: { customers: { 1: { email: [`${address} may be a test email address.`] } } } },
});

describe('the most frequent errors', () => {
  it('count equal errors with different personal data together, and wrong codes separately', () => {
    const tally = new Tally();
    const suggestions = { 'accounts.0.account_type': [{ code: 'BUSINESS', name: 'Business' }] };
    tally.add(1, { kind: 'invalid', errors: wrongEmail('test@a.com') });
    tally.add(2, { kind: 'invalid', errors: wrongEmail('test@b.com') });
    tally.add(3, { kind: 'invalid', errors: wrongType('FOO') });
    tally.add(4, { kind: 'invalid', errors: wrongType('BUSINES'), suggestions });
    tally.add(5, { kind: 'already_imported', errors: wrongType('BUSINES') });
    const errors = new ErrorTallies();
    addErrors(errors, tally.errors, 10);
    addErrors(errors, tally.errors, undefined);
    expect(errors.mostFrequent(10)).toEqual([
      {
        error: 'accounts.*.customers.*.email: … may be a test email address.',
        count: 4,
        lines: [11, 12],
      },
      { error: 'accounts.*.account_type: "FOO" is not a valid choice.', count: 2, lines: [13] },
      {
        error: 'accounts.*.account_type: "BUSINES" is not a valid choice.',
        suggestions: [{ code: 'BUSINESS', name: 'Business' }],
        count: 2,
        lines: [14],
      },
    ]);
    expect(tally.counts).toMatchObject({ rows: 5, invalid: 4, already_imported: 1 });
  });

  it('list a limited number of wrong codes and count the others together, without losing other errors', () => {
    const tally = new Tally();
    for (let row = 1; row <= 3 * DISTINCT_ERRORS_MAX; row += 1) {
      tally.add(row, { kind: 'invalid', errors: wrongType(`CODE ${row}`) });
    }
    tally.add(9999, { kind: 'invalid', errors: wrongEmail('test@a.com') });
    expect(tally.errors).toHaveLength(DISTINCT_WRONG_CODES_MAX + 2);
    const [first] = new ErrorTallies().mostFrequent(1);
    expect(first).toBeUndefined();
    const errors = new ErrorTallies();
    addErrors(errors, tally.errors, 0);
    expect(errors.mostFrequent(1)).toEqual([
      {
        error: 'accounts.*.account_type: … is not a valid choice.',
        count: 3 * DISTINCT_ERRORS_MAX - DISTINCT_WRONG_CODES_MAX,
        lines: [201, 202, 203, 204, 205],
      },
    ]);
    expect(errors.mostFrequent(1000).map(({ error }) => error)).toContain(
      'accounts.*.customers.*.email: … may be a test email address.',
    );
  });
});

describe('the ignored fields', () => {
  it('are counted by path, with the first lines in the file', () => {
    const tally = new Tally();
    for (let line = 1; line <= 7; line += 1) tally.addIgnored(line, line < 3 ? ['a', 'b'] : ['b']);
    const ignored = new IgnoredTallies();
    ignored.addPart(tally.ignored, 0);
    ignored.addPart({ fields: [{ field: 'a', count: 2, lines: [1, 3] }], others: 5 }, 10);
    ignored.addPart({ fields: [{ field: 'a', count: 2, lines: [1, 2] }], others: 0 }, undefined);
    expect(ignored.mostFrequent(2)).toEqual({
      fields: [
        { field: 'b', count: 7, lines: [1, 2, 3, 4, 5] },
        { field: 'a', count: 6, lines: [1, 2, 11, 13] },
      ],
      others: 5,
    });
    expect(ignored.mostFrequent(1)).toMatchObject({ fields: [{ field: 'b' }], others: 11 });
  });

  it('are listed up to a limit; the occurrences of others are counted', () => {
    const tally = new Tally();
    const names = Array.from({ length: DISTINCT_IGNORED_MAX + 30 }, (_, index) => `name${index}`);
    for (const line of [1, 2]) tally.addIgnored(line, names);
    expect(tally.ignored.fields).toHaveLength(DISTINCT_IGNORED_MAX);
    expect(tally.ignored.others).toBe(60);
  });
});
