import { describeScenario } from '../scenarios/describe-scenario.ts';
import type { Scenario } from '../scenarios/scenario.ts';

const SUPPLIER = {
  code: 'NEW_SUPPLIER',
  migration: 'open',
  ignores_unknown_columns: false,
  scenarios: 0,
};
const TOKEN = {
  id: '0123456789ab',
  name: 'pipeline',
  role: 'importer',
  suppliers: ['NEW_SUPPLIER'],
  state: 'valid',
  is_own: false,
  created_at: '2026-11-24T08:11:18.199000+11:00',
  expires_at: '2027-06-30T00:00:00.000000+10:00',
  revoked_at: null,
  last_used_on: null,
};
const KEY = 'spi_…';
const REVOKED = { state: 'revoked', revoked_at: '2026-11-25T10:00:00.000000+11:00' };
const RULES: readonly Scenario[] = [
  {
    identifiers: '4999*01',
    outcome: 'ERRORED',
    domain: 'supply_point_import',
    code: 'supply_point_import_failed',
    detail: 'Rehearsal: the supply point cannot be created.',
  },
];

/** Examples of the bodies of suppliers, tokens and scenarios. */
export function adminExamples() {
  const { identifiers, example, appliesTo, text } = describeScenario(RULES, 0);
  return {
    SupplierListBody: { results: [SUPPLIER] },
    NewSupplierRequest: { code: SUPPLIER.code },
    SupplierRequest: { migration: 'closed' },
    ChangedSupplierBody: { ...SUPPLIER, effective_within_seconds: 30 },
    TokenListBody: { results: [TOKEN], next_cursor: null },
    NewTokenRequest: {
      name: TOKEN.name,
      role: TOKEN.role,
      suppliers: TOKEN.suppliers,
      expires_at: '2027-06-30',
    },
    NewTokenBody: { key: KEY, token: TOKEN },
    RotateRequest: { old_until: '2027-02-07' },
    RotatedTokenBody: {
      key: KEY,
      token: TOKEN,
      old: { ...TOKEN, id: 'ba9876543210', expires_at: '2027-02-07T00:00:00.000000+11:00' },
      effective_within_seconds: 30,
    },
    RevokeRequest: {},
    RevokedTokenBody: { ...TOKEN, ...REVOKED, effective_within_seconds: 30 },
    ScenariosRequest: { rules: RULES, revision: 3 },
    ScenariosBody: {
      allowed: true,
      revision: 4,
      results: [{ identifiers, example, applies_to: appliesTo, text, rule: RULES[0] }],
      effective_within_seconds: 15,
    },
  };
}
