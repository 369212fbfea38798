import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Drop, type FinalStateCounts, noFinalStates } from '../../shared/drops/drop.ts';
import { importsByFinalState } from '../../shared/drops/live-status.ts';

const NAMES = Object.keys(noFinalStates()) as (keyof FinalStateCounts)[];
const counts = fc.record(
  Object.fromEntries(NAMES.map((name) => [name, fc.nat(50)])) as Record<
    keyof FinalStateCounts,
    fc.Arbitrary<number>
  >,
);
const sum = (all: Record<string, number>) => Object.values(all).reduce((total, one) => total + one, 0);
const dropWith = (state: Drop['state'], followed: FinalStateCounts, accepted: number) =>
  ({ state, accepted, other: 0, ...followed }) as Drop;

it('counts every accepted import once, whatever workers counted', () => {
  fc.assert(
    fc.property(counts, counts, fc.nat(300), (followed, live, more) => {
      const accepted = sum(followed) + more;
      const imports = importsByFinalState(dropWith('IMPORTING', followed, accepted), accepted, live);
      expect(sum(imports)).toBe(accepted);
      for (const name of NAMES) {
        expect(imports[name]).toBeGreaterThanOrEqual(followed[name]);
        expect(imports[name]).toBeLessThanOrEqual(Math.max(followed[name], live[name]));
      }
    }),
  );
});

it('has the workers’ counts while they fit, and only the exact ones when the drop has ended', () => {
  const followed = { ...noFinalStates(), processed: 2, errored: 1 };
  const live = { ...noFinalStates(), processed: 5, cancelled: 1 };
  expect(importsByFinalState(dropWith('IMPORTING', followed, 10), 10, live)).toEqual({
    ...noFinalStates(),
    processed: 5,
    errored: 1,
    cancelled: 1,
    open: 3,
  });
  expect(importsByFinalState(dropWith('ENDED', followed, 3), 3, live)).toEqual({ ...followed, open: 0 });
});
