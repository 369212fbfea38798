import { lengthOf } from './python-text.ts';
import { rememberKeys } from './python-values.ts';

/**
 * Thrown for invalid JSON. The message is that of the `json` module of CPython 3.11, which upstream returns. It has the position of the
 * error and quotes nothing of the text.
 */
export class NotJson extends Error {
  override name = 'NotJson';
}

/**
 * Parses JSON as upstream does, which uses Django REST framework's JSONParser on CPython 3.11. Numbers that JavaScript cannot represent
 * exactly are kept as text ({@link RawJson} in python-values.ts). The time is linear in the size of the text, and the depth of nesting is
 * not limited.
 *
 * @throws NotJson
 */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // V8's message would quote the text. Both accept the same texts, except for integers with too many digits.
    return new PythonParser(text).parse();
  }
  return isPlain(text) ? value : new PythonParser(text).parse();
}

/** Whether JavaScript certainly parses the JSON as Python does. The check must be cheap. */
const isPlain = (json: string): boolean =>
  (json.startsWith('{') || json.startsWith('[')) && !PARSED_DIFFERENTLY.test(json);

/**
 * Matches JSON that Python may parse differently: numbers with a fraction, an exponent, or 16 and more digits, and keys of digits, which
 * JavaScript reorders. It may also match inside strings, which only costs time.
 */
const PARSED_DIFFERENTLY = /[{[:,][ \t\n\r]*(?:-?(?:\d+[.eE]|\d{16})|"(?:\d|\\u003\d)+"[ \t\n\r]*:)/;

/** CPython's default for `sys.set_int_max_str_digits()`. */
const INTEGER_DIGITS_MAX = 4300;

/** An unclosed list or object. The last of an object's keys is that of the next value. */
type Open = { close: ']'; value: unknown[] } | { close: '}'; value: object; keys: string[] };

/**
 * Parses in one scan from left to right that ends at the first error, as CPython's scanner does (source: Modules/_json.c and
 * Lib/json/decoder.py of CPython 3.11, from which the messages are).
 */
class PythonParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): unknown {
    if (this.#text.startsWith('\ufeff')) throw this.#error('Unexpected UTF-8 BOM (decode using utf-8-sig)');
    const open: Open[] = [];
    this.#skipSpace();
    for (;;) {
      const opened = this.#opened();
      if (opened !== undefined) {
        open.push(opened);
        continue;
      }
      let value = this.#value();
      // The value may be the last item of its parent, which may be the last item of its own parent.
      for (;;) {
        const parent = open.at(-1);
        this.#skipSpace();
        if (parent === undefined) return this.#atEnd(value);
        add(parent, value);
        if (this.#text[this.#at] !== parent.close) break;
        this.#at += 1;
        value = closed(open.pop()!);
      }
      if (this.#text[this.#at] !== ',') throw this.#error("Expecting ',' delimiter");
      this.#at += 1;
      this.#skipSpace();
      const parent = open.at(-1)!;
      if (parent.close === '}') parent.keys.push(this.#key());
    }
  }

  #atEnd(value: unknown): unknown {
    if (this.#at < this.#text.length) throw this.#error('Extra data');
    return value;
  }

  /** Reads the beginning of a list or object that is not empty. */
  #opened(): Open | undefined {
    const bracket = this.#text[this.#at];
    if (bracket !== '[' && bracket !== '{') return undefined;
    const start = this.#at;
    this.#at += 1;
    this.#skipSpace();
    if (this.#text[this.#at] === (bracket === '[' ? ']' : '}')) {
      this.#at = start;
      return undefined;
    }
    if (bracket === '[') return { close: ']', value: [] };
    return { close: '}', value: {}, keys: [this.#key()] };
  }

  /** Reads a key and its colon. */
  #key(): string {
    if (this.#text[this.#at] !== '"') throw this.#error('Expecting property name enclosed in double quotes');
    const key = this.#string();
    this.#skipSpace();
    if (this.#text[this.#at] !== ':') throw this.#error("Expecting ':' delimiter");
    this.#at += 1;
    this.#skipSpace();
    return key;
  }

  /** Reads a value without nested values. */
  #value(): unknown {
    if (this.#text[this.#at] === '"') return this.#string();
    const [text] = this.#match(EMPTY) ?? [];
    if (text !== undefined) return text.startsWith('[') ? [] : {};
    const [word] = this.#match(WORD) ?? [];
    if (word !== undefined) return word === 'null' ? null : word === 'true';
    const [constant] = this.#match(CONSTANT) ?? [];
    if (constant !== undefined) {
      throw new NotJson(`Out of range float values are not JSON compliant: '${constant}'`);
    }
    const number = this.#match(NUMBER);
    if (number === undefined) throw this.#error('Expecting value');
    return numberOf(number[0], number[1] !== undefined || number[2] !== undefined);
  }

  #string(): string {
    const start = this.#at;
    let isEscaped = false;
    this.#at += 1;
    for (;;) {
      this.#match(PLAIN_CHARACTERS);
      const character = this.#text[this.#at];
      if (character === '"') break;
      if (character === undefined) throw this.#error('Unterminated string starting at', start);
      if (character !== '\\') throw this.#error('Invalid control character at');
      isEscaped = true;
      this.#skipEscape(start);
    }
    this.#at += 1;
    const text = this.#text.slice(start, this.#at);
    return isEscaped ? JSON.parse(text) : text.slice(1, -1);
  }

  #skipEscape(stringStart: number): void {
    const escaped = this.#text[this.#at + 1];
    if (escaped === undefined) throw this.#error('Unterminated string starting at', stringStart);
    if (escaped !== 'u') {
      if (!'"\\/bfnrt'.includes(escaped)) throw this.#error('Invalid \\escape');
      this.#at += 2;
      return;
    }
    // CPython's scanner requires a character after the digits before it checks them.
    const isWhole = this.#at + '\\u0000'.length < this.#text.length;
    if (!isWhole || this.#match(UNICODE_ESCAPE) === undefined) {
      throw this.#error('Invalid \\uXXXX escape', this.#at + 1);
    }
  }

  #skipSpace(): void {
    this.#match(SPACE);
  }

  /** Matches a sticky pattern at the current position and moves behind it. */
  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match;
  }

  /** Creates an error with a position in code points. Only a line feed ends a line. */
  #error(message: string, at = this.#at): NotJson {
    const before = this.#text.slice(0, at);
    const line = before.split('\n').length;
    const column = lengthOf(before.slice(before.lastIndexOf('\n') + 1)) + 1;
    return new NotJson(`${message}: line ${line} column ${column} (char ${lengthOf(before)})`);
  }
}

const SPACE = /[ \t\n\r]*/y;
const EMPTY = /\[[ \t\n\r]*\]|\{[ \t\n\r]*\}/y;
const WORD = /null|true|false/y;
const CONSTANT = /NaN|-?Infinity/y;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings must not have control characters
const PLAIN_CHARACTERS = /[^"\\\x00-\x1f]*/y;
const UNICODE_ESCAPE = /\\u[0-9A-Fa-f]{4}/y;

/** @throws NotJson for an integer of too many digits. */
function numberOf(source: string, isFloat: boolean): unknown {
  const value = Number(source);
  if (isFloat) return Number.isInteger(value) ? JSON.rawJSON(source) : value;
  const digits = source.startsWith('-') ? source.length - 1 : source.length;
  if (digits > INTEGER_DIGITS_MAX) {
    throw new NotJson(
      `Exceeds the limit (${INTEGER_DIGITS_MAX} digits) for integer string conversion: value has ${digits} digits; ` +
        'use sys.set_int_max_str_digits() to increase the limit',
    );
  }
  return Number.isSafeInteger(value) ? value : JSON.rawJSON(source);
}

function add(parent: Open, value: unknown): void {
  if (parent.close === ']') {
    parent.value.push(value);
    return;
  }
  // Assigning to __proto__ would set the prototype.
  const property = { value, writable: true, enumerable: true, configurable: true };
  Object.defineProperty(parent.value, parent.keys.at(-1)!, property);
}

function closed(open: Open): unknown {
  if (open.close === '}' && open.keys.some((key) => /^\d+$/.test(key))) {
    // A repeated key keeps its first position, as in a dict.
    rememberKeys(open.value, [...new Set(open.keys)]);
  }
  return open.value;
}
