const NUMBER = new Intl.NumberFormat('en');

/** A number with separators: `1,000,000`. */
export const number = (value: number): string => NUMBER.format(value);

const UNITS = ['bytes', 'kB', 'MB', 'GB'];

export function bytes(value: number): string {
  let unit = 0;
  let shown = value;
  while (shown >= 1000 && unit < UNITS.length - 1) {
    shown /= 1000;
    unit += 1;
  }
  return `${shown < 10 && unit > 0 ? shown.toFixed(1) : Math.round(shown)} ${UNITS[unit]}`;
}

/** A share as a percentage. Not all and not none are never shown as 100 % and 0 %. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return '–';
  const value = (100 * part) / whole;
  if (value > 0 && value < 0.1) return '<0.1 %';
  if (value < 100 && value > 99.9) return '>99.9 %';
  return `${value < 10 ? Number(value.toFixed(1)) : Math.floor(value)} %`;
}

export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${(seconds / 3600).toFixed(1)} h`;
  return `${(seconds / 86_400).toFixed(1)} days`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A time of the API, which is in the environment's zone: `26 Nov 2026, 06:20:17 +11:00`. */
export function time(iso: string): string {
  const [, year, month, day, clock, offset] =
    /^(\d+)-(\d+)-(\d+)T(\d+:\d+:\d+)(?:\.\d+)?(.*)$/.exec(iso) ?? [];
  if (day === undefined) return iso;
  return `${Number(day)} ${MONTHS[Number(month) - 1]} ${year}, ${clock} ${offset}`;
}

/** The time of day of a time of the API. */
export const clock = (iso: string): string => iso.slice(11, 16);
/** The day and time of day: `26 Nov 06:20`. */
export const dayAndClock = (iso: string): string =>
  `${Number(iso.slice(8, 10))} ${MONTHS[Number(iso.slice(5, 7)) - 1]} ${clock(iso)}`;

/** `1 import`, `2 imports`. */
export const count = (value: number, noun: string): string =>
  `${number(value)} ${noun}${value === 1 ? '' : 's'}`;

/** A status or state in words: `DRY_RUN_ERRORED` is `Dry run errored`. */
export const words = (name: string): string => {
  const text = name.toLowerCase().replaceAll('_', ' ');
  return text[0]!.toUpperCase() + text.slice(1);
};
