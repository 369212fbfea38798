import type { ActivityBody } from '../../../shared/api/drop-schemas.ts';
import type { Validated } from '../../../shared/contract/request.ts';
import { type Minute, PERIODS, type Period, type Span } from '../../../shared/imports/model/activity.ts';
import type { EndedName } from '../../../shared/imports/use-cases/ended-imports.ts';
import { DROP_ID } from '../drops/endpoints.ts';
import { isoTime } from '../iso-time.ts';
import { errorsOf, type Parameter, parseOnce, type Query } from '../query.ts';

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

/** Returns the body of a supplier's or a drop's activity, with times in the given IANA time zone. Only a drop's counts have `rows`. */
export function activityBody(
  { from, to, stepSeconds }: Span,
  steps: readonly Minute<EndedName | 'rows'>[] | readonly Minute<EndedName>[],
  { timeZone, isComplete }: { timeZone: string; isComplete: boolean },
): ActivityBody {
  return {
    from: isoTime(from, timeZone),
    to: isoTime(to, timeZone),
    step_seconds: stepSeconds,
    results: steps.map(({ at, counts }) => ({
      at: isoTime(at, timeZone),
      ...('rows' in counts && { rows_read: counts.rows }),
      processed: counts.processed,
      errored: counts.errored,
      dry_run_succeeded: counts.dry_run_succeeded,
      dry_run_errored: counts.dry_run_errored,
      cancelled: counts.cancelled,
    })),
    is_complete: isComplete,
  };
}
