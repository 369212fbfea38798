import { isoDate } from './calendar.ts';
import { field, Refusal } from './field.ts';
import { isLongerThan, numberText, strip, withAsciiDigits } from './python-text.ts';

/** One of the codes; what is sent is compared as text and not trimmed (DRF: ChoiceField). */
export function choice(codes: { has(code: string): boolean }, { blank = false } = {}) {
  return field((value): string | Refusal => {
    const code = typeof value === 'string' ? value : quoted(value);
    if (codes.has(code) || (blank && value === '')) return code;
    return new Refusal(`"${code}" is not a valid choice.`);
  });
}

/** An integer of at least `min`, or text of one: "11", " 11 ", "11.0" (DRF: IntegerField). */
export function integer({ min }: { min: number }) {
  const tooSmall = new Refusal(`Ensure this value is greater than or equal to ${min}.`);
  return field((value): number | Refusal => {
    if (typeof value === 'string' && isLongerThan(value, INTEGER_TEXT_LENGTH_MAX)) return TOO_LARGE;
    const number = typeof value === 'string' ? integerIn(value) : value;
    if (!Number.isSafeInteger(number)) return NOT_AN_INTEGER;
    return (number as number) < min ? tooSmall : (number as number) + 0;
  });
}

/** A boolean, 0 or 1, or a word for one in any case (DRF: BooleanField). */
export function boolean() {
  return field((value): boolean | Refusal => {
    const word = typeof value === 'string' ? value.toLowerCase() : value;
    if (TRUE.has(word)) return true;
    return FALSE.has(word) ? false : NOT_A_BOOLEAN;
  });
}

/** A day; becomes YYYY-MM-DD (DRF: DateField). */
export function date() {
  return field((value): string | Refusal => {
    return (typeof value === 'string' ? isoDate(value) : undefined) ?? NOT_A_DATE;
  });
}

const INTEGER_TEXT_LENGTH_MAX = 1000;
const TOO_LARGE = new Refusal('String value too large.');
const NOT_AN_INTEGER = new Refusal('A valid integer is required.');
const NOT_A_BOOLEAN = new Refusal('Must be a valid boolean.');
const NOT_A_DATE = new Refusal('Date has wrong format. Use one of these formats instead: YYYY-MM-DD.');

const TRUE: ReadonlySet<unknown> = new Set(['t', 'y', 'yes', 'true', 'on', '1', 1, true]);
const FALSE: ReadonlySet<unknown> = new Set(['f', 'n', 'no', 'false', 'off', '0', 0, false]);

/** What Python's `int()` reads, after DRF has cut off a fraction of zeros. Undefined where it reads nothing. */
function integerIn(text: string): number | undefined {
  const digits = withAsciiDigits(strip(strip(text).replace(/\.0*$/, '')));
  return /^[+-]?\d+(?:_\d+)*$/.test(digits) ? Number(digits.replaceAll('_', '')) : undefined;
}

/** A value as the choice message quotes it. How lists and objects read is not in the contract: what is in them is left out. */
function quoted(value: unknown): string {
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return value.length === 0 ? '[]' : '[...]';
  return Object.keys(value as object).length === 0 ? '{}' : '{...}';
}
