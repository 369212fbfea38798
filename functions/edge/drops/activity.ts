import type { ActivityBody } from '../../../shared/api/drop-schemas.ts';
import type { Validated } from '../../../shared/contract/request.ts';
import { type activityIn, PERIODS, type Period, type Span } from '../../../shared/drops/activity.ts';
import { isoTime } from '../iso-time.ts';
import { errorsOf, type Parameter, parseOnce, type Query } from '../query.ts';
import { DROP_ID } from './endpoints.ts';

/** Parses `period` (default: the hour) and `drop`. With a drop the period has no effect. Returns all errors at once. */
export function readActivityQuery(query: Query): Validated<{ period: Period; drop: string | undefined }> {
  const period = parseOnce(query['period'], 'hour' as const, parsePeriod);
  const drop = parseOnce(
    query['drop'],
    undefined,
    (text): Parameter<string> =>
      DROP_ID.test(text) ? { value: text } : { error: 'This is not the id of a drop.' },
  );
  if ('value' in period && 'value' in drop)
    return { valid: true, data: { period: period.value, drop: drop.value } };
  return { valid: false, errors: errorsOf({ period, drop }) };
}

function parsePeriod(text: string): Parameter<Period> {
  if (Object.hasOwn(PERIODS, text)) return { value: text as Period };
  return { error: `"${text}" is not a valid choice. Valid choices are ${Object.keys(PERIODS).join(', ')}.` };
}

/** Returns the body of a supplier's or a drop's activity, with times in the given IANA time zone. */
export function activityBody(
  { from, to, stepSeconds }: Span,
  steps: ReturnType<typeof activityIn>,
  timeZone: string,
): ActivityBody {
  return {
    from: isoTime(from, timeZone),
    to: isoTime(to, timeZone),
    step_seconds: stepSeconds,
    results: steps.map(({ at, counts: { rows, erased: _, ...imports } }) => ({
      at: isoTime(at, timeZone),
      rows_read: rows,
      ...imports,
    })),
  };
}
