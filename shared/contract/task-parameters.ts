import * as v from 'valibot';
import { nullable, optional } from 'valibot';
import { moment } from './calendar.ts';
import { errorBody, type Validated } from './error-body.ts';
import { FieldError, field, NON_FIELD_ERRORS } from './field.ts';
import { nested } from './nested.ts';
import { messageOf, type RuleName } from './rules.ts';
import { boolean } from './scalars.ts';

/** Options of an import. Times are in epoch ms, and null when absent. */
export type TaskParameters = { isDryRun: boolean; windowStart: number | null; windowEnd: number | null };

/** Latest end of a schedule window, in days after the request (source: the contract, task_params). */
export const SCHEDULE_WINDOW_DAYS_MAX = 4;

/**
 * Validates the `task_params` of a request's body, as parsed from JSON.
 *
 * @param now when the request was received, in epoch ms
 * @param timeZone IANA name of the zone of times without an offset (DRF uses its current time zone)
 */
export function readTaskParameters(body: unknown, now: number, timeZone: string): Validated<TaskParameters> {
  const result = v.safeParse(requestIn(timeZone), body);
  if (!result.success) return { valid: false, errors: errorBody(result.issues) };
  const { is_dry_run, schedule_window_start, schedule_window_end } = result.output.task_params;
  const data = { isDryRun: is_dry_run, windowStart: schedule_window_start, windowEnd: schedule_window_end };
  const error = windowError(data, now);
  if (error) return { valid: false, errors: { task_params: { [NON_FIELD_ERRORS]: error } } };
  return { valid: true, data };
}

type Request = ReturnType<typeof newRequest>;
const requests = new Map<string, Request>();

/** Returns the schema of a request with only `task_params`. It is cached for each zone. */
function requestIn(timeZone: string): Request {
  const request = requests.get(timeZone) ?? newRequest(timeZone);
  requests.set(timeZone, request);
  return request;
}

const newRequest = (timeZone: string) => nested({ task_params: optional(taskParameters(timeZone), {}) });

/** The rules over the window's start and end. Their names are the codes of their errors. */
const WINDOW_RULES = [
  'schedule_window_start_in_past',
  'schedule_window_end_too_far_in_future',
  'schedule_window_start__after_end',
] as const satisfies readonly RuleName[];

/** Returns the schema of `task_params`. The rules over its window need the present time, so {@link readTaskParameters} checks them. `timeZone` is the IANA name of the zone of times without an offset. */
export const taskParameters = (timeZone: string) =>
  nested(
    {
      is_dry_run: optional(boolean(), false),
      schedule_window_start: optional(nullable(dateTime(timeZone)), null),
      schedule_window_end: optional(nullable(dateTime(timeZone)), null),
    },
    undefined,
    WINDOW_RULES.map((rule) => ({
      rule,
      under: NON_FIELD_ERRORS,
      values: { days: String(SCHEDULE_WINDOW_DAYS_MAX) },
    })),
  );

/** Returns the schema of a date-time, which is normalised to epoch ms (DRF: DateTimeField). */
function dateTime(timeZone: string) {
  return field({ kind: 'date-time' }, (value): number | FieldError => {
    const at = typeof value === 'string' ? moment(value, timeZone) : undefined;
    if (at === 'invalid') return new FieldError(messageOf('invalid_local_time', { zone: timeZone }));
    return at ?? NOT_A_DATE_TIME;
  });
}

const NOT_A_DATE_TIME = new FieldError(messageOf('not_date_time'));

type WindowRule = (typeof WINDOW_RULES)[number];
type CodedError = { detail: string; code: WindowRule };
const windowRule = (code: WindowRule): CodedError => ({
  detail: messageOf(code, { days: SCHEDULE_WINDOW_DAYS_MAX }),
  code,
});

/** Returns the first error of the window. By default it begins now and ends as late as possible. */
function windowError({ windowStart, windowEnd }: TaskParameters, now: number): CodedError | undefined {
  const latest = now + SCHEDULE_WINDOW_DAYS_MAX * 24 * 60 * 60 * 1000;
  const start = windowStart ?? now;
  const end = windowEnd ?? latest;
  if (start < now) return windowRule('schedule_window_start_in_past');
  if (end > latest) return windowRule('schedule_window_end_too_far_in_future');
  if (start > end) return windowRule('schedule_window_start__after_end');
}
