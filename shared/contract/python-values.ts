/**
 * Values that were read from JSON, as Python sees them: upstream is Django REST framework on CPython, and its messages print
 * what was sent with `str()` and name its type. `JSON.parse` loses what Python keeps of some numbers (`1.0` is a float,
 * integers past 2^53 are exact): such a number is a {@link RawJson} with the number as it was written (python-json.ts).
 */

/** A number as it was written (source: the ECMAScript proposal JSON.parse source text access; V8 has it since 11.4). */
export type RawJson = { readonly rawJSON: string };

declare global {
  interface JSON {
    rawJSON(text: string): RawJson;
    isRawJSON(value: unknown): value is RawJson;
  }
}

/** An integer; one past 2^53 as it was written, which `JSON.stringify` writes again as it is. */
export type Integer = number | RawJson;

/** Whether the value is a number: an `int` or a `float`. */
export function isNumber(value: unknown): value is Integer {
  return typeof value === 'number' || (typeof value === 'object' && JSON.isRawJSON(value));
}

/** Whether the value is a `dict`. */
export function isDictionary(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}

/** `type(value).__name__`. */
export function typeName(value: unknown): string {
  if (value === null) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  if (isNumber(value)) return isFloat(value) ? 'float' : 'int';
  return { string: 'str', boolean: 'bool' }[typeof value as string] ?? 'dict';
}

/** `str(value)`: a text is itself, everything else as {@link repr}. */
export function str(value: unknown): string {
  return typeof value === 'string' ? value : repr(value);
}

/** `str()` of a number: `7`, `1.5`, `1.0`, `1e-05`, `1e+16`, `inf` (which is what 1e400 reads as). */
export function numberText(value: Integer): string {
  if (typeof value === 'number') return isFloat(value) ? floatText(value) : String(value);
  return isFloat(value) ? floatText(Number(value.rawJSON)) : value.rawJSON;
}

/**
 * Lists and objects deeper than this are written `[...]` and `{...}`, as Python writes those that contain themselves. Python
 * itself fails at about 1,000 (its default recursion limit), so that upstream has no answer there.
 */
const REPR_DEPTH_MAX = 900;

/** `repr(value)`: `['x', None, True, 2.5]`, `{'a': "it's"}`. */
export function repr(value: unknown, depth = 0): string {
  if (typeof value === 'string') return textRepr(value);
  if (isNumber(value)) return numberText(value);
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) {
    if (depth === REPR_DEPTH_MAX) return '[...]';
    return `[${value.map((item) => repr(item, depth + 1)).join(', ')}]`;
  }
  if (depth === REPR_DEPTH_MAX) return '{...}';
  const dictionary = value as Record<string, unknown>;
  const items = keysAsWritten(dictionary).map((key) => `${repr(key)}: ${repr(dictionary[key], depth + 1)}`);
  return `{${items.join(', ')}}`;
}

const writtenKeys = new WeakMap<object, readonly string[]>();

/** JavaScript puts keys such as "1" first; this remembers the order in which an object's keys were written. */
export function rememberKeys(dictionary: object, keys: readonly string[]): void {
  writtenKeys.set(dictionary, keys);
}

const keysAsWritten = (dictionary: object): readonly string[] =>
  writtenKeys.get(dictionary) ?? Object.keys(dictionary);

function isFloat(value: Integer): boolean {
  return typeof value === 'number' ? !Number.isInteger(value) : /[.eE]/.test(value.rawJSON);
}

/** The shortest digits that read as the same number, as in JavaScript, but with Python's choice of notation. */
function floatText(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  const text = Object.is(value, -0) ? '-0' : String(value);
  return Number.isInteger(value) ? `${text}.0` : text;
}

/** In single quotes, unless only those are in it (CPython: unicode_repr in Objects/unicodeobject.c). */
function textRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(NOT_PRINTABLE, escapeOf);
  return `${quote}${quote === "'" ? escaped.replaceAll("'", "\\'") : escaped}${quote}`;
}

/**
 * What `str.isprintable()` says no to, and the backslash: categories Other and Separator, but for the space. (V8's Unicode is
 * newer than that of CPython 3.11, which escapes what Unicode 15 and later assigned.)
 */
const NOT_PRINTABLE = /(?! )[\p{C}\p{Z}\\]/gu;

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function escapeOf(character: string): string {
  const known = ESCAPES[character];
  if (known !== undefined) return known;
  const code = character.codePointAt(0)!;
  if (code <= 0xff) return `\\x${hex(code, 2)}`;
  return code <= 0xffff ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');
