import { withAsciiDigits } from './python-text.ts';

/**
 * Parses a date as Django's parse_date does, which also accepts YYYYMMDD, and months and days of one digit. Returns YYYY-MM-DD, or
 * undefined for other text.
 */
export function isoDate(text: string): string | undefined {
  const match = COMPACT_DATE.exec(text) ?? DATE.exec(text) ?? DATE.exec(withAsciiDigits(text));
  if (match === null) return undefined;
  const [, year, month, day] = match as unknown as [string, string, string, string];
  if (!isDay(Number(year), Number(month), Number(day))) return undefined;
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

/** A moment in epoch ms; `invalid` is a local time that occurs twice or never in its zone, where daylight saving time begins or ends. */
export type Moment = number | 'invalid';

/**
 * Parses a date-time as Django's parse_datetime does. A date without a time means midnight. A time without an offset is local in
 * `timeZone`, an IANA name. Returns undefined for other text.
 */
export function moment(text: string, timeZone: string): Moment | undefined {
  const { date = '', time = '', offset } = DATE_TIME.exec(withAsciiDigits(text))?.groups ?? {};
  const day = isoDate(date);
  const clock = time === '' ? 0 : millisecondsOf(time);
  if (day === undefined || clock === undefined) return undefined;
  const utc = Date.parse(`${day}T00:00:00Z`) + clock;
  if (offset === undefined) return localMoment(utc, timeZone);
  return Math.abs(offsetOf(offset)) < DAY_MS ? utc - offsetOf(offset) : undefined;
}

const DAY_MS = 24 * 60 * 60 * 1000;

// Python's $ also matches before a last line break.
const DATE = /^(\d{4})-(\d{1,2})-(\d{1,2})\n?$/;
const COMPACT_DATE = /^(\d{4})(\d{2})(\d{2})$/;
const DATE_TIME =
  /^(?<date>\d{4}-?\d{1,2}-?\d{1,2})(?:[T ](?<time>[\d:.,]+)\s*(?<offset>Z|[+-]\d\d(?::?\d\d)?)?)?\n?$/;
const TIME = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,3})\d{0,9})?)?$/;

/** Whether the date exists. */
function isDay(year: number, month: number, day: number): boolean {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return year >= 1 && day >= 1 && day <= days;
}

/** Parses a time of day to ms since midnight. */
function millisecondsOf(time: string): number | undefined {
  const [, hour, minute, second = '0', fraction = ''] = TIME.exec(time) ?? [];
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59 || hour === undefined) return undefined;
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
  return seconds * 1000 + Number(fraction.padEnd(3, '0'));
}

/** Parses an offset such as `Z`, `+10`, `+1000` or `+10:00`, and `+10:04:52`, which zones had before 1895. Returns ms east of UTC. */
function offsetOf(text: string): number {
  const [, sign, hours = 0, minutes = 0, seconds = 0] = /^([+-])(\d\d):?(\d\d)?:?(\d\d)?$/.exec(text) ?? [];
  const offset = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? -offset : offset;
}

/** Converts a local time, given as if it were UTC, to a moment. Offsets change by less than a day. */
function localMoment(utc: number, timeZone: string): Moment {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  const offsets = new Set([offsetAt(utc - DAY_MS, format), offsetAt(utc + DAY_MS, format)]);
  const moments = [...offsets]
    .map((offset) => utc - offset)
    .filter((at) => at + offsetAt(at, format) === utc);
  return moments.length === 1 ? moments[0]! : 'invalid';
}

/** Returns a zone's offset in ms east of UTC. The format's zone name is "GMT+10:00" or "GMT". */
function offsetAt(epochMs: number, format: Intl.DateTimeFormat): number {
  const { value } = format.formatToParts(epochMs).find((part) => part.type === 'timeZoneName')!;
  return offsetOf(value.slice('GMT'.length));
}
