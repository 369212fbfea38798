import { accessChecks } from './access-checks.ts';
import type { Check } from './check.ts';
import { flowChecks } from './flow-checks.ts';
import type { CheckInputs } from './inputs.ts';
import { requestChecks } from './request-checks.ts';

/**
 * All checks in their order: later checks read what earlier ones created.
 *
 * @param createsNothing leaves out the checks that store something
 */
export const checksFor = (inputs: CheckInputs, { createsNothing = false } = {}): Check[] =>
  [...flowChecks(inputs), ...requestChecks(inputs), ...accessChecks(inputs)].filter(
    ({ creates }) => !(createsNothing && creates),
  );

/** The contract's responses that no check covers. */
export const NOT_CHECKED = '500, which cannot be caused without harm; 429 and 503 except as rehearsed';
