import type { Scenario } from './scenario.ts';

/**
 * What can be rehearsed with TEST_SUPPLIER wherever scenarios are allowed, told apart by an identifier's last two digits.
 * All identifiers begin with 4999, which nothing else here uses: the guide's example and others go their ordinary way. The README has them as a
 * table.
 */
export const TEST_SUPPLIER_SCENARIOS: readonly Scenario[] = [
  {
    identifiers: '4999*01',
    outcome: 'ERRORED',
    domain: 'supply_point_import',
    code: 'supply_point_import_failed',
    detail: 'Rehearsal: the supply point cannot be created.',
  },
  {
    identifiers: '4999*02',
    outcome: 'ERRORED',
    domain: 'account_import',
    code: 'account_import_failed',
    detail: 'Rehearsal: an account of the supply point cannot be created.',
  },
  {
    identifiers: '4999*03',
    outcome: 'DRY_RUN_ERRORED',
    domain: 'account_import',
    code: 'account_import_failed',
    detail: 'Rehearsal: an account of the supply point could not be created.',
  },
  {
    identifiers: '4999*04',
    outcome: 'ERRORED',
    attempts: 1,
    domain: 'supply_point_import',
    code: 'supply_point_import_failed',
    detail: 'Rehearsal: the supply point cannot be created at the first attempt.',
  },
  {
    identifiers: '4999*05',
    outcome: 'ERRORED',
    attempts: 1,
    domain: 'import_process',
    code: 'import_attempts_exhausted',
    detail: 'Rehearsal: the import failed each time it was tried.',
  },
  { identifiers: '4999*06', outcome: 'PROCESSED', delaySeconds: 5 },
  {
    identifiers: '4999*07',
    outcome: 'ERRORED',
    delaySeconds: 5,
    domain: 'account_import',
    code: 'account_import_failed',
    detail: 'Rehearsal: an account of the supply point cannot be created, after a while.',
  },
  { identifiers: '4999*28', outcome: 'THROTTLED', firstSecondsOfMinute: 20 },
  { identifiers: '4999*29', outcome: 'THROTTLED' },
  { identifiers: '4999*53', outcome: 'OUTAGE' },
];
