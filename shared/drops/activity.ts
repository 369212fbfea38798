import type { CountedMinute, MinuteCounts } from './live-counts.ts';

/** Periods for which a supplier's activity is shown, and the length of their steps. */
export const PERIODS = {
  hour: { seconds: 3600, stepSeconds: 60 },
  day: { seconds: 24 * 3600, stepSeconds: 600 },
  week: { seconds: 7 * 24 * 3600, stepSeconds: 3600 },
} as const;
export type Period = keyof typeof PERIODS;

/** A span of time in steps. Times are epoch ms; `from` is inclusive and `to` exclusive, and both are multiples of the step. */
export type Span = { from: number; to: number; stepSeconds: number };

/** The lengths of steps of a drop's span, in seconds. */
const STEPS = [60, 300, 600, 1800, 3600, 3 * 3600, 24 * 3600] as const;
/** Maximum number of steps of a drop's span, but for drops that take more than four months. */
const STEPS_MAX = 120;

/** Returns the span of a period that ends with the present step. */
export function spanOfPeriod(period: Period, now: number): Span {
  const { seconds, stepSeconds } = PERIODS[period];
  const to = (Math.floor(now / 1000 / stepSeconds) + 1) * stepSeconds;
  return { from: (to - seconds) * 1000, to: to * 1000, stepSeconds };
}

/** Returns a span from one time to another, both inclusive, in at most {@link STEPS_MAX} steps. */
export function spanBetween(first: number, last: number): Span {
  for (const stepSeconds of STEPS) {
    const step = stepSeconds * 1000;
    const from = Math.floor(first / step) * step;
    const to = (Math.floor(Math.max(first, last) / step) + 1) * step;
    if ((to - from) / step <= STEPS_MAX || stepSeconds === STEPS.at(-1)) return { from, to, stepSeconds };
  }
  throw new Error('unreachable');
}

/** Adds up the counts of each step that has some, oldest first: of all imports, or of a drop's. */
export function activityIn(
  { from, to, stepSeconds }: Span,
  minutes: readonly CountedMinute[],
  drop?: string,
): { at: number; counts: MinuteCounts }[] {
  const step = stepSeconds * 1000;
  const steps = new Map<number, MinuteCounts>();
  for (const minute of minutes) {
    const counts = drop === undefined ? minute.all : minute.drops.get(drop);
    if (counts === undefined || minute.at < from || minute.at >= to) continue;
    const at = Math.floor(minute.at / step) * step;
    const sums = steps.get(at);
    steps.set(at, sums === undefined ? counts : sumOf(sums, counts));
  }
  return [...steps].map(([at, counts]) => ({ at, counts })).sort((one, other) => one.at - other.at);
}

const sumOf = (one: MinuteCounts, other: MinuteCounts): MinuteCounts =>
  Object.fromEntries(
    (Object.keys(one) as (keyof MinuteCounts)[]).map((name) => [name, one[name] + other[name]]),
  ) as MinuteCounts;
