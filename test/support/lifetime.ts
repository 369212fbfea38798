import type { Lifetime } from '../../shared/aws/lifetime.ts';

/** For tests that read tables: what they write never expires. Reads Date.now when called, as test/faults replaces it. */
export const FOREVER: Lifetime = { keptDays: undefined, clock: () => Date.now() };
