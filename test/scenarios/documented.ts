import { readFileSync } from 'node:fs';
import type { Scenario } from '../../shared/scenarios/scenario.ts';

/** The scenarios of TEST_SUPPLIER on a local host, which the README documents. */
export const DOCUMENTED: readonly Scenario[] = JSON.parse(
  readFileSync(new URL('../../examples/test-supplier-scenarios.json', import.meta.url), 'utf8'),
);
