import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readJson } from '../../shared/contract/json-body.ts';
import { NotJson, parseJson } from '../../shared/contract/python-json.ts';
import { repr, typeName } from '../../shared/contract/python-values.ts';
import { validateRequest } from '../../shared/contract/request.ts';
import { jsonErrors, type Literal, literals, withLiteral } from './recorded.ts';
import { suppliers } from './requests.ts';

/** Returns the parsed value as Python prints it, or the message of the error. */
function read(bytes: Uint8Array | string, charset?: string): string {
  try {
    return repr(readJson(typeof bytes === 'string' ? Buffer.from(bytes) : bytes, charset));
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    return error.message;
  }
}

describe('a recorded body that is not JSON has the reference model’s message', () => {
  test.each(jsonErrors)('$body.detail', ({ bytes, body }) => {
    expect(`JSON parse error - ${read(bytes)}`).toBe(body.detail);
  });
});

test.each(
  literals.map((literal) => [`${literal.path} ${literal.literal}`, literal] satisfies [string, Literal]),
)('a value is validated as it is written: %s', (_, literal) => {
  const result = validateRequest(parseJson(withLiteral(literal)), suppliers);
  expect(result.valid ? 200 : 400).toBe(literal.status);
  const output = JSON.stringify(result.valid ? result.data : result.errors);
  expect(parseJson(output)).toStrictEqual(literal.body);
});

// The messages and values were made with the json module of CPython 3.11.
describe('invalid JSON', () => {
  test.each([
    ['', 'Expecting value: line 1 column 1 (char 0)'],
    [' \n\t', 'Expecting value: line 2 column 2 (char 3)'],
    ['\ufeff{}', 'Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)'],
    ['[1,\r\n]', 'Expecting value: line 2 column 1 (char 5)'],
    ['[1\u00a0]', "Expecting ',' delimiter: line 1 column 3 (char 2)"],
    ['{"a":1,}', 'Expecting property name enclosed in double quotes: line 1 column 8 (char 7)'],
    ['{"a" 1}', "Expecting ':' delimiter: line 1 column 6 (char 5)"],
    ['{"a":}', 'Expecting value: line 1 column 6 (char 5)'],
    ['{"a":1 "b"}', "Expecting ',' delimiter: line 1 column 8 (char 7)"],
    ['[1}', "Expecting ',' delimiter: line 1 column 3 (char 2)"],
    ['{"a":[1}', "Expecting ',' delimiter: line 1 column 8 (char 7)"],
    ['"😀😀" x', 'Extra data: line 1 column 6 (char 5)'],
    ['01', 'Extra data: line 1 column 2 (char 1)'],
    ['1e', 'Extra data: line 1 column 2 (char 1)'],
    ['-', 'Expecting value: line 1 column 1 (char 0)'],
    ['["\\', 'Unterminated string starting at: line 1 column 2 (char 1)'],
    ['["a\\"', 'Unterminated string starting at: line 1 column 2 (char 1)'],
    ['"\x1f"', 'Invalid control character at: line 1 column 2 (char 1)'],
    ['"\\u00e9', 'Invalid \\uXXXX escape: line 1 column 3 (char 2)'],
    ['"\\u00g9"', 'Invalid \\uXXXX escape: line 1 column 3 (char 2)'],
    ['"\\ud83d\\u12"', 'Invalid \\uXXXX escape: line 1 column 9 (char 8)'],
    ['"\\\'"', 'Invalid \\escape: line 1 column 2 (char 1)'],
    ['{"a":NaN', "Out of range float values are not JSON compliant: 'NaN'"],
    ['-Infinity', "Out of range float values are not JSON compliant: '-Infinity'"],
    ['-NaN', 'Expecting value: line 1 column 1 (char 0)'],
    [`[1, -${'9'.repeat(4301)}`, digitsMessage(4301)],
    [`{"a": ${'9'.repeat(5000)}, "a": 1}`, digitsMessage(5000)],
    [`{"a": ${'9'.repeat(5000)}, "a": }`, digitsMessage(5000)],
  ])('has Python’s message: %j', (text, message) => {
    expect(read(text)).toBe(message);
  });

  test('is not quoted in the message', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), fc.constantFrom('', 'x', '"', ',', '\\'), (value, at, other) => {
        const json = JSON.stringify({ marked: ['Zaphod', value, 'Zaphod'], Zaphod: value });
        const place = at % json.length;
        expect(read(json.slice(0, place) + other)).not.toMatch(/^(?!\{).*(Zaphod|marked)/);
      }),
    );
  });

  test('is parsed in linear time', () => {
    const bytes = 262_144;
    const texts = [
      '[',
      '{"a":',
      '[1,',
      ' ',
      '"\\n',
      '1',
      '-',
      '\n',
      '\\u12',
      '[ ',
      '{ "1" : ',
      '[1.0,',
      '"a":',
    ].map((part) => part.repeat(bytes / part.length));
    texts.push(`"${'a\\n'.repeat(bytes / 4)}`, `[${'"a", '.repeat(bytes / 5)}`, `1${' '.repeat(bytes)}x`);
    const perByte = (length: number) => {
      const before = process.threadCpuUsage();
      for (const text of texts) read(text.slice(0, length));
      return process.threadCpuUsage(before).user / length;
    };
    perByte(bytes);
    // Quadratic time would be 16 times as long.
    expect(perByte(bytes) / perByte(bytes / 16)).toBeLessThan(8);
  });
});

describe('invalid bytes', () => {
  const utf8 = (rest: string) => `'utf-8' codec can't decode ${rest}`;
  test.each([
    ['22ff22', utf8('byte 0xff in position 1: invalid start byte')],
    ['7b7dc0af', utf8('byte 0xc0 in position 2: invalid start byte')],
    ['22c328', utf8('byte 0xc3 in position 1: invalid continuation byte')],
    ['22eda08022', utf8('byte 0xed in position 1: invalid continuation byte')],
    ['22e28228', utf8('bytes in position 1-2: invalid continuation byte')],
    ['22f09f9828', utf8('bytes in position 1-3: invalid continuation byte')],
    ['22f4908080', utf8('byte 0xf4 in position 1: invalid continuation byte')],
    // Decoding comes before parsing.
    ['7b7b7bff', utf8('byte 0xff in position 3: invalid start byte')],
  ])('have Python’s message: %s', (hex, message) => {
    expect(read(Buffer.from(hex, 'hex'))).toBe(message);
  });

  test.each(['c3', 'e2', 'e282', 'f0', 'f09f', 'f09f98', 'ed', 'eda0', 'edbf', 'f48f'])(
    'that are an incomplete character at the end are dropped: %s',
    (hex) => {
      expect(read(Buffer.from(`7b7d${hex}`, 'hex'))).toBe('{}');
      expect(read(Buffer.from(`22${hex}`, 'hex'))).toMatch(/^Unterminated string/);
    },
  );

  test.each<[string, string, string]>([
    [
      'us-ascii',
      '7b22c3a9223a317d',
      "'ascii' codec can't decode byte 0xc3 in position 2: ordinal not in range(128)",
    ],
    ['ISO-8859-1', '22e922', "'é'"],
    ['utf-16', '7b007d00', 'UTF-16 stream does not start with BOM'],
    ['UTF-16', 'fffe2200e9002200', "'é'"],
    ['UTF-16', 'feff002200e90022', "'é'"],
    ['utf-16', 'fffe7b007d0031', '{}'],
    ['utf-16', '7b', 'Expecting value: line 1 column 1 (char 0)'],
    ['utf-16le', '2200e9002200', "'é'"],
    ['utf-16-be', '002200e90022', "'é'"],
    ['utf-16-be', 'feff007b007d', 'Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)'],
    [
      'utf-16',
      'fffe220000d82200',
      "'utf-16-le' codec can't decode bytes in position 4-5: illegal UTF-16 surrogate",
    ],
    ['utf-16le', '220000dc2200', "'utf-16-le' codec can't decode bytes in position 2-3: illegal encoding"],
    ['no-such', '22c3a922', "'é'"],
  ])('are decoded by the charset %s: %s', (charset, hex, printed) => {
    expect(read(Buffer.from(hex, 'hex'), charset)).toBe(printed);
  });
});

describe('a number', () => {
  test.each([
    ['1', 'int', '1'],
    ['-0', 'int', '0'],
    ['0.0', 'float', '0.0'],
    ['-0.0', 'float', '-0.0'],
    ['1.0', 'float', '1.0'],
    ['1.50', 'float', '1.5'],
    ['1e3', 'float', '1000.0'],
    ['1E-5', 'float', '1e-05'],
    ['0.0001', 'float', '0.0001'],
    ['1e-400', 'float', '0.0'],
    ['5e-324', 'float', '5e-324'],
    ['9007199254740993', 'int', '9007199254740993'],
    ['-12345678901234567890', 'int', '-12345678901234567890'],
    ['9007199254740993.0', 'float', '9007199254740992.0'],
    ['9999999999999998.0', 'float', '9999999999999998.0'],
    ['1e16', 'float', '1e+16'],
    ['123456789012345680.0', 'float', '1.2345678901234568e+17'],
    ['1e400', 'float', 'inf'],
    ['-1e400', 'float', '-inf'],
    ['9'.repeat(4300), 'int', '9'.repeat(4300)],
  ])('keeps its type and digits: %s', (text, type, printed) => {
    for (const written of [text, `${text} `, `\n${text}`]) {
      expect(typeName(parseJson(written))).toBe(type);
      expect(repr(parseJson(written))).toBe(printed);
      expect(repr(parseJson(`{"a": [0,\n${written}]}`))).toBe(`{'a': [0, ${printed}]}`);
    }
  });
});

describe('lists, objects and texts', () => {
  test.each([
    [`["it's", "\\"q\\"", "it's \\"both\\""]`, `["it's", '"q"', 'it\\'s "both"']`],
    [
      '"\\n\\r\\t\\\\\\b\\u0000\\u007f\\u0085\\u00a0\\u00ad"',
      "'\\n\\r\\t\\\\\\x08\\x00\\x7f\\x85\\xa0\\xad'",
    ],
    ['"é\\u200b\\u2028\\ufeff\\ue000 😀\\udb40\\udc01"', "'é\\u200b\\u2028\\ufeff\\ue000 😀\\U000e0001'"],
    ['"\\ud800\\ud83d\\ude00\\udfff"', "'\\ud800😀\\udfff'"],
    ['{"b": 1, "10": 2, "1": 3, "b": 4}', "{'b': 4, '10': 2, '1': 3}"],
    ['{"__proto__": {"a": 1}, "1": 1.0}', "{'__proto__': {'a': 1}, '1': 1.0}"],
    ['{"b": 1, "\\u0031": 2}', "{'b': 1, '1': 2}"],
  ])('are formatted as in Python: %s', (text, printed) => {
    expect(read(text)).toBe(printed);
  });

  test('can be nested as deeply as the size of a request allows', () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const text = `${open.repeat(40_000)}1.0${close.repeat(40_000)}`;
      expect(read(text)).toContain('...');
      expect(read(`${text}x`)).toMatch(/^Extra data/);
    }
  });

  test.each([
    ['[', ']', '[...]'],
    ['{"a": ', '}', '{...}'],
  ])('are written in full down to 900 levels: %s', (open, close, more) => {
    const nested = (levels: number): string =>
      read(`${open.repeat(levels)}1.0${close.repeat(levels)}`).replaceAll("'", '"');
    expect(nested(900)).toBe(`${open.repeat(900)}1.0${close.repeat(900)}`);
    expect(nested(901)).toBe(`${open.repeat(900)}${more}${close.repeat(900)}`);
  });

  test('have the same value as with JSON.parse, where JavaScript can represent it', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), (json) => {
        // The number makes parseJson use PythonParser.
        const [value] = parseJson(`[${json}, 1.0]`) as unknown[];
        expect(JSON.parse(JSON.stringify(value))).toStrictEqual(JSON.parse(json));
      }),
      { numRuns: 1000 },
    );
  });
});

function digitsMessage(digits: number): string {
  return (
    `Exceeds the limit (4300 digits) for integer string conversion: value has ${digits} digits; ` +
    'use sys.set_int_max_str_digits() to increase the limit'
  );
}
