import { describe, expect, test } from 'vitest';
import { validateCreateRequest } from '../../shared/contract/request.ts';
import { everyField, suppliers, withValue } from './requests.ts';

const NOW = Date.parse('2025-10-07T09:00:00+11:00');
const DAY_MS = 24 * 60 * 60 * 1000;

function resultOf(task_params: unknown) {
  const result = validateCreateRequest({ ...everyField(), task_params }, suppliers, NOW);
  return result.valid ? { data: result.data.taskParameters } : { errors: result.errors };
}

const moment = (schedule_window_start: string) => {
  const result = resultOf({ schedule_window_start, schedule_window_end: null });
  return result.data ? new Date(result.data.windowStart!).toISOString() : result.errors;
};

describe('task_params', () => {
  test('are optional', () => {
    const result = validateCreateRequest(everyField(), suppliers, NOW);
    expect(result).toHaveProperty('data.taskParameters', {
      isDryRun: false,
      windowStart: null,
      windowEnd: null,
    });
  });

  test('are normalised to booleans and epoch milliseconds', () => {
    const sent = {
      is_dry_run: 'yes',
      schedule_window_start: null,
      schedule_window_end: '2025-10-08T00:00Z',
      x: 1,
    };
    const data = { isDryRun: true, windowStart: null, windowEnd: Date.UTC(2025, 9, 8) };
    expect(resultOf(sent)).toStrictEqual({ data });
  });

  test.each([
    ['x', { non_field_errors: ['Invalid data. Expected a dictionary, but got str.'] }],
    [[], { non_field_errors: ['Invalid data. Expected a dictionary, but got list.'] }],
    [null, ['This field may not be null.']],
    [{ is_dry_run: 'maybe' }, { is_dry_run: ['Must be a valid boolean.'] }],
    [{ is_dry_run: null }, { is_dry_run: ['This field may not be null.'] }],
  ])('%j are rejected with %j', (task_params, errors) => {
    expect(resultOf(task_params)).toStrictEqual({ errors: { task_params: errors } });
  });

  test('have their errors reported together with those of the payload', () => {
    const request = { ...withValue(['payload', 'import_supplier'], 'X'), task_params: { is_dry_run: 3 } };
    expect(validateCreateRequest(request, suppliers, NOW)).toStrictEqual({
      valid: false,
      errors: {
        import_supplier: ['"X" is not a valid choice.'],
        task_params: { is_dry_run: ['Must be a valid boolean.'] },
      },
    });
  });

  test.each([
    [null, ['No data provided']],
    ['x', ['Invalid data. Expected a dictionary, but got str.']],
  ])('are not required when the body is %j', (body, errors) => {
    const result = validateCreateRequest(body, suppliers, NOW);
    expect(result).toStrictEqual({ valid: false, errors: { non_field_errors: errors } });
  });
});

describe('a date-time', () => {
  test.each([
    ['2025-10-08T09:00:00+11:00', '2025-10-07T22:00:00.000Z'],
    ['2025-10-08 09:00:00.123456789 +1100', '2025-10-07T22:00:00.123Z'],
    ['2025-10-08T09:00-03', '2025-10-08T12:00:00.000Z'],
    ['2025-10-08T09:00:00Z', '2025-10-08T09:00:00.000Z'],
    ['2025-10-8T9:00', '2025-10-07T22:00:00.000Z'],
    ['2025-10-08', '2025-10-07T13:00:00.000Z'],
  ])('%s is normalised to %s', (text, iso) => {
    expect(moment(text)).toBe(iso);
  });

  test.each([
    'tomorrow',
    '2025-10-08T24:00',
    '2025-10-08T09',
    '2025-02-30T09:00',
    '2025-10-08T09:00+24:00',
    '2025-10-08T09:00:00.Z',
    '',
  ])('%j is invalid', (text) => {
    expect(moment(text)).toStrictEqual({
      task_params: {
        schedule_window_start: [
          'Datetime has wrong format. Use one of these formats instead: ' +
            'YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].',
        ],
      },
    });
  });

  test.each(['2025-10-05T02:30', '2026-04-05T02:30'])(
    '%s occurs never or twice in Sydney, where daylight saving time begins or ends',
    (text) => {
      expect(moment(text)).toStrictEqual({
        task_params: { schedule_window_start: ['Invalid datetime for the timezone "Australia/Sydney".'] },
      });
    },
  );
});

test.each([
  ['Australia/Perth', '2025-10-08T01:00:00.000Z'],
  ['Australia/Lord_Howe', '2025-10-07T22:00:00.000Z'],
  ['UTC', '2025-10-08T09:00:00.000Z'],
])('a time without an offset is local in the zone %s', (timeZone, iso) => {
  const request = { ...everyField(), task_params: { schedule_window_start: '2025-10-08T09:00' } };
  const result = validateCreateRequest(request, suppliers, NOW, timeZone);
  expect(result).toHaveProperty('data.taskParameters.windowStart', Date.parse(iso));
  const invalid = { ...everyField(), task_params: { schedule_window_start: '2025-10-05T02:15' } };
  const other = validateCreateRequest(invalid, suppliers, NOW, timeZone);
  const isInvalid = !other.valid && JSON.stringify(other.errors).includes(`timezone \\"${timeZone}\\"`);
  expect(isInvalid).toBe(timeZone === 'Australia/Lord_Howe');
});

describe('the schedule window', () => {
  const window = (start: number | null, end: number | null) => {
    const iso = (epochMs: number | null) => epochMs && new Date(epochMs).toISOString();
    const result = resultOf({ schedule_window_start: iso(start), schedule_window_end: iso(end) });
    return 'errors' in result ? result.errors : 'valid';
  };
  const rejected = (code: string, detail: string) => ({
    task_params: { non_field_errors: { detail, code } },
  });
  const inPast = rejected('schedule_window_start_in_past', 'The schedule window start is in the past.');
  const tooFar = rejected(
    'schedule_window_end_too_far_in_future',
    'The schedule window end is more than 4 days in the future.',
  );
  const afterEnd = rejected(
    'schedule_window_start__after_end',
    'The schedule window start is after its end.',
  );

  test.each([
    [null, null, 'valid'],
    [NOW, NOW, 'valid'],
    [NOW, NOW + 4 * DAY_MS, 'valid'],
    [NOW - 1, null, inPast],
    [NOW - 1, NOW + 5 * DAY_MS, inPast],
    [null, NOW + 4 * DAY_MS + 1, tooFar],
    [NOW + 6 * DAY_MS, NOW + 5 * DAY_MS, tooFar],
    [NOW + 2, NOW + 1, afterEnd],
    [null, NOW - 1, afterEnd],
    [NOW + 5 * DAY_MS, null, afterEnd],
  ])('from %j to %j gives %j', (start, end, expected) => {
    expect(window(start, end)).toStrictEqual(expected);
  });
});
