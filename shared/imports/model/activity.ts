/** Periods for which activity is shown, and the length of their steps. */
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
  const spans = STEPS.map((stepSeconds) => {
    const step = stepSeconds * 1000;
    const from = Math.floor(first / step) * step;
    const to = (Math.floor(Math.max(first, last) / step) + 1) * step;
    return { from, to, stepSeconds };
  });
  return (
    spans.find(({ from, to, stepSeconds }) => (to - from) / 1000 / stepSeconds <= STEPS_MAX) ?? spans.at(-1)!
  );
}

/** What was counted in the minute that begins at `at` (epoch ms). */
export type Minute<Name extends string> = { at: number; counts: Record<Name, number> };

/** Adds up the counts of each step that has some, oldest first. */
export function inSteps<Name extends string>(
  { from, to, stepSeconds }: Span,
  minutes: Iterable<Minute<Name>>,
): Minute<Name>[] {
  const step = stepSeconds * 1000;
  const steps = new Map<number, Record<Name, number>>();
  for (const { at, counts } of minutes) {
    if (at < from || at >= to) continue;
    const start = Math.floor(at / step) * step;
    const sums = steps.get(start);
    steps.set(start, sums === undefined ? counts : sumOf(sums, counts));
  }
  return [...steps].map(([at, counts]) => ({ at, counts })).sort((one, other) => one.at - other.at);
}

const sumOf = <Name extends string>(
  one: Record<Name, number>,
  other: Record<Name, number>,
): Record<Name, number> =>
  Object.fromEntries((Object.keys(one) as Name[]).map((name) => [name, one[name] + other[name]])) as Record<
    Name,
    number
  >;
