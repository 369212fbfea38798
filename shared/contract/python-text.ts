/**
 * String operations of Python. Upstream is Django REST framework, so white space, digits and characters are defined by Python.
 */

/** Returns the length in code points. */
export function lengthOf(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length - 1; i += 1) {
    if (isHighSurrogate(text.charCodeAt(i)) && isLowSurrogate(text.charCodeAt(i + 1))) {
      length -= 1;
      i += 1;
    }
  }
  return length;
}

/** Whether the text has more than `max` code points. Counts them only when the number of UTF-16 units does not decide. */
export function isLongerThan(text: string, max: number): boolean {
  return text.length > max && lengthOf(text) > max;
}

/** `str.strip()`. Unlike `trim()`, it removes U+001C to U+001F and U+0085, and keeps U+FEFF. A regular expression would take quadratic time. */
export function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

/** Replaces the decimal digits of all scripts by 0 to 9, because Python's `int()` and `\d` accept them. */
export function withAsciiDigits(text: string): string {
  return text.replace(/(?![0-9])\p{Nd}/gu, (digit) => String(digitValue(digit.codePointAt(0)!)));
}

/** The ten digits of a script are consecutive in Unicode, beginning with zero. Some scripts follow each other without a gap. */
function digitValue(codePoint: number): number {
  let before = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(codePoint - before - 1))) before += 1;
  return before % 10;
}

function isSpace(unit: number): boolean {
  if (unit <= 0x20) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d) || unit >= 0x1c;
  if (unit < 0x85) return false;
  return OTHER_SPACES.has(unit) || (unit >= 0x2000 && unit <= 0x200a);
}

const OTHER_SPACES = new Set([0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000]);

const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;
const isLowSurrogate = (unit: number) => unit >= 0xdc00 && unit <= 0xdfff;
