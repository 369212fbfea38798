/**
 * Python's view of values parsed from JSON. Upstream is Django REST framework on CPython, whose messages include `str()` of a value and
 * the name of its type. `JSON.parse` does not keep that `1.0` is a float, or integers above 2^53. python-json.ts represents such numbers
 * as {@link RawJson}.
 */

/** A number as its JSON text (source: the ECMAScript proposal JSON.parse source text access; V8 has it since 11.4). */
export type RawJson = { readonly rawJSON: string };

declare global {
  interface JSON {
    rawJSON(text: string): RawJson;
    isRawJSON(value: unknown): value is RawJson;
  }
}

/** An integer. Above 2^53 it is JSON text, which `JSON.stringify` writes unchanged. */
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

/** `str(value)`: a string unchanged, and {@link repr} of other values. */
export function str(value: unknown): string {
  return typeof value === 'string' ? value : repr(value);
}

/** `str()` of a number: `7`, `1.5`, `1.0`, `1e-05`, `1e+16`, and `inf` for 1e400. */
export function numberText(value: Integer): string {
  if (typeof value === 'number') return isFloat(value) ? floatText(value) : String(value);
  return isFloat(value) ? floatText(Number(value.rawJSON)) : value.rawJSON;
}

/**
 * Depth from which lists and objects are written as `[...]` and `{...}`, as Python does for recursive ones. Upstream fails at a depth of
 * about 1,000, which is Python's default recursion limit.
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
  const items = orderedKeys(dictionary).map((key) => `${repr(key)}: ${repr(dictionary[key], depth + 1)}`);
  return `{${items.join(', ')}}`;
}

const keyOrders = new WeakMap<object, readonly string[]>();

/** Stores the order of an object's keys in its JSON, because JavaScript moves keys such as "1" to the front. */
export function rememberKeys(dictionary: object, keys: readonly string[]): void {
  keyOrders.set(dictionary, keys);
}

const orderedKeys = (dictionary: object): readonly string[] =>
  keyOrders.get(dictionary) ?? Object.keys(dictionary);

function isFloat(value: Integer): boolean {
  return typeof value === 'number' ? !Number.isInteger(value) : /[.eE]/.test(value.rawJSON);
}

/** Formats a float with the shortest digits, as JavaScript does, but in Python's notation. */
function floatText(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  const text = Object.is(value, -0) ? '-0' : String(value);
  return Number.isInteger(value) ? `${text}.0` : text;
}

/** Quotes text with single quotes, unless it contains only those (source: CPython, unicode_repr in Objects/unicodeobject.c). */
function textRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(NOT_PRINTABLE, escapeOf);
  return `${quote}${quote === "'" ? escaped.replaceAll("'", "\\'") : escaped}${quote}`;
}

/**
 * Matches the backslash and characters that are not printable by `str.isprintable()`: categories Other and Separator, except the space.
 * CPython 3.11 also escapes characters that Unicode 15 and later assigned, which V8 considers printable.
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
