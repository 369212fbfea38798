import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateCreateRequest } from '../../../shared/contract/request.ts';
import { suggestCodes } from '../../../shared/contract/suggest-codes.ts';
import { errorKinds } from '../../../shared/drops/reporting/error-kinds.ts';
import { fieldAt, QUOTED_FIELDS, redact, redactMessage } from '../../../shared/drops/reporting/redact.ts';
import { everyField, suppliers } from '../../contract/requests.ts';
import { leavesOf, MARKINGS, withLeaf } from '../../support/leaves.ts';

const NOW = Date.parse('2026-03-02T10:00:00+11:00');
const MARK = 'Qqmarked';

const request = {
  ...everyField(),
  task_params: { is_dry_run: true, schedule_window_start: '2026-03-02T11:00:00+11:00' },
};
const leaves = leavesOf(request);
const fieldOf = (path: readonly (string | number)[]) => fieldAt(path.map(String)).replace(/^payload\./, '');

describe('redacting the errors of a row', () => {
  it('removes the values of all fields that may not be quoted, for any violated rule', () => {
    const change = fc.tuple(fc.constantFrom(...leaves), fc.constantFrom(...MARKINGS));
    let refused = 0;
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const isPersonal = changes.every(([path]) => !QUOTED_FIELDS.has(fieldOf(path)));
        fc.pre(isPersonal);
        const spoilt = changes.reduce((body, [path, marking]) => {
          try {
            return withLeaf(body, path, marking(MARK));
          } catch {
            return body;
          }
        }, request);
        const checked = validateCreateRequest(spoilt, suppliers, NOW);
        if (checked.valid) return;
        refused += 1;
        const text = JSON.stringify([
          redact(checked.errors),
          errorKinds(checked.errors),
          suggestCodes(spoilt, checked.errors, suppliers.keys()),
        ]);
        expect(text.toLowerCase()).not.toContain(MARK.toLowerCase());
      }),
      { numRuns: 2000 },
    );
    expect(refused).toBeGreaterThan(500);
  });

  it.each(leaves.map((path) => [path.join('.'), path] as const))('depends on the field: %s', (_, path) => {
    for (const marking of MARKINGS) {
      const checked = validateCreateRequest(withLeaf(request, path, marking(MARK)), suppliers, NOW);
      if (checked.valid) continue;
      const text = JSON.stringify(redact(checked.errors)).includes(MARK);
      if (!QUOTED_FIELDS.has(fieldOf(path))) expect(text, String(marking)).toBe(false);
    }
    const { valid, errors } = {
      errors: {},
      ...validateCreateRequest(withLeaf(request, path, MARK), suppliers, NOW),
    };
    const isQuoted = QUOTED_FIELDS.has(fieldOf(path));
    if (isQuoted && !valid) expect(JSON.stringify(redact(errors))).toContain(MARK);
  });

  it('removes lists, objects and long strings even from fields that may be quoted', () => {
    for (const sent of [[MARK], { a: MARK }, MARK.repeat(30)]) {
      const body = withLeaf(request, ['payload', 'accounts', 0, 'account_type'], sent);
      const { errors } = { errors: {}, ...validateCreateRequest(body, suppliers, NOW) };
      expect(redact(errors)).toEqual({ accounts: { 0: { account_type: ['… is not a valid choice.'] } } });
    }
  });

  it('keeps every message of the contract', () => {
    const messages = new Set<string>();
    const collect = (value: unknown): void => {
      if (typeof value === 'string') messages.add(value);
      else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
    };
    const vectors = readFileSync(new URL('../../contract/vectors.ndjson', import.meta.url), 'utf8');
    for (const line of vectors.trimEnd().split('\n')) {
      const { status, body } = JSON.parse(line);
      if (status === 400 && !('supply_point_identifier' in body)) collect(body);
    }
    expect(messages.size).toBeGreaterThan(100);
    for (const message of messages) expect(redactMessage(message), message).not.toBe('…');
  });

  it('removes an unknown message', () => {
    expect(redact({ accounts: { 0: { customers: { 0: { email: ['Mickey is new here.'] } } } } })).toEqual({
      accounts: { 0: { customers: { 0: { email: ['…'] } } } },
    });
  });
});
