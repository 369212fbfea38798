import { accessChecks } from './access-checks.ts';
import type { Check } from './check.ts';
import { flowChecks } from './flow-checks.ts';
import type { Given } from './given.ts';
import { requestChecks } from './request-checks.ts';

/**
 * All checks, in the order in which they are to be run: later ones ask about what earlier ones created.
 *
 * @param createsNothing leaves out the checks that store something
 */
export const checksFor = (given: Given, { createsNothing = false } = {}): Check[] =>
  [...flowChecks(given), ...requestChecks(given), ...accessChecks(given)].filter(
    ({ creates }) => !(createsNothing && creates),
  );

/** Answers of the contract that no check asks for. */
export const NOT_CHECKED = '500, which nobody can have without doing harm; 429 and 503 only as rehearsed';
