import { readFileSync } from 'node:fs';
import type { Scenario } from '../../shared/scenarios/scenario.ts';

/** What can be rehearsed with TEST_SUPPLIER on a local host; the README has it as a table. */
export const DOCUMENTED: readonly Scenario[] = JSON.parse(
  readFileSync(new URL('../../examples/test-supplier-scenarios.json', import.meta.url), 'utf8'),
);
