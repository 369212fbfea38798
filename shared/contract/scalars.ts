import { isoDate } from './calendar.ts';
import type { Codes } from './codes.ts';
import { FieldError, field } from './field.ts';
import { isLongerThan, strip, withAsciiDigits } from './python-text.ts';
import { type Integer, isNumber, numberText, str } from './python-values.ts';
import { messageOf } from './rules.ts';

/** Returns the schema of one of these codes. Values are compared as text, without trimming (DRF: ChoiceField). */
export function choice(codes: Codes, { blank = false } = {}) {
  return field({ kind: 'choice', codes, blank }, (value): string | FieldError => {
    const code = str(value);
    if (codes.has(code) || (blank && value === '')) return code;
    return new FieldError(messageOf('invalid_choice', { value: code }));
  });
}

/** Returns the schema of an integer of at least `min`, also as text or float: "11", " 11 ", "11.0", 11.0 (DRF: IntegerField). Large ones stay exact. */
export function integer({ min }: { min: number }) {
  const tooSmall = new FieldError(messageOf('min_value', { min }));
  return field({ kind: 'integer', min }, (value): Integer | FieldError => {
    if (typeof value === 'string' && isLongerThan(value, INTEGER_TEXT_LENGTH_MAX)) return TOO_LARGE;
    const digits =
      typeof value === 'string'
        ? integerIn(value)
        : isNumber(value)
          ? integerIn(numberText(value))
          : undefined;
    if (digits === undefined) return NOT_AN_INTEGER;
    return Number(digits) < min ? tooSmall : exactInteger(digits);
  });
}

/** Returns the schema of a boolean, also as 0, 1 or a word (DRF: BooleanField). */
export function boolean() {
  return field({ kind: 'boolean' }, (value): boolean | FieldError => {
    const word = isNumber(value) ? numberOf(value) : value;
    if (TRUE.has(word)) return true;
    return FALSE.has(word) ? false : NOT_A_BOOLEAN;
  });
}

/** Returns the schema of a date, which is normalised to YYYY-MM-DD (DRF: DateField). */
export function date() {
  return field({ kind: 'date' }, (value): string | FieldError => {
    return (typeof value === 'string' ? isoDate(value) : undefined) ?? NOT_A_DATE;
  });
}

const INTEGER_TEXT_LENGTH_MAX = 1000;
const TOO_LARGE = new FieldError(messageOf('integer_too_long'));
const NOT_AN_INTEGER = new FieldError(messageOf('not_integer'));
const NOT_A_BOOLEAN = new FieldError(messageOf('not_boolean'));
const NOT_A_DATE = new FieldError(messageOf('not_date'));

/** Returns words in lower case, in capitals, and capitalised (source: Django REST framework 3.14, BooleanField; later versions accept any case). */
const spellings = (...words: readonly string[]): string[] =>
  words.flatMap((word) => [word, word.toUpperCase(), `${word[0]!.toUpperCase()}${word.slice(1)}`]);
const TRUE: ReadonlySet<unknown> = new Set([...spellings('t', 'y', 'yes', 'true', 'on'), '1', 1, true]);
const FALSE: ReadonlySet<unknown> = new Set([...spellings('f', 'n', 'no', 'false', 'off'), '0', 0, false]);

/** Returns the digits that Python's `int()` accepts, without a fraction of zeros, which DRF removes first. Undefined for other text. */
function integerIn(text: string): string | undefined {
  const digits = withAsciiDigits(strip(strip(text).replace(/\.0*$/, '')));
  return /^[+-]?\d+(?:_\d+)*$/.test(digits) ? digits.replaceAll('_', '') : undefined;
}

/** Returns the integer of these digits, as JSON text above 2^53. */
function exactInteger(digits: string): Integer {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number + 0 : JSON.rawJSON(String(BigInt(digits)));
}

const numberOf = (value: Integer): number => (typeof value === 'number' ? value : Number(value.rawJSON));
