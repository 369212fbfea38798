import type { Lifetime } from '../../shared/aws/lifetime.ts';

/** For tests that read tables: what they write never expires. */
export const FOREVER: Lifetime = { keptDays: undefined, clock: () => Date.now() };
