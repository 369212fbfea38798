import { describe, expect, test } from 'vitest';
import { read } from './read-helpers.ts';

const row = (line: number, offset: number, body: unknown) => ({ line, offset, body });
const brokenRow = (line: number, offset: number) => ({
  line,
  offset,
  errors: { detail: expect.stringMatching(/^JSON parse error - /), code: 'parse_error' },
});

describe('a JSON file', () => {
  test.each([
    ['an array of rows', '[{"a": 1}, {"a": 2}]', [row(1, 1, { a: 1 }), row(1, 11, { a: 2 })]],
    ['an empty array', ' [\n] ', []],
    ['one row', '\n{"a":\n1}\n', [row(2, 1, { a: 1 })]],
    ['a byte order mark', '\ufeff[1]', [row(1, 4, 1)]],
    ['rows over several lines', '[\r\n{\r\n"a": "é"},\n\n2]', [row(2, 3, { a: 'é' }), row(5, 19, 2)]],
    [
      'strings that contain brackets',
      '["]", {"}": "\\"]"}, "\\\\"]',
      [row(1, 1, ']'), row(1, 6, { '}': '"]' }), row(1, 20, '\\')],
    ],
    [
      'rows that are not objects',
      '[1,null ,[[]]\n,"a"]',
      [1, null, [[]], 'a'].map((body) => expect.objectContaining({ body })),
    ],
    [
      'rows with invalid JSON',
      '[{"a" 1}, tru, {"b": ]}, 0',
      [brokenRow(1, 1), brokenRow(1, 10), brokenRow(1, 15)],
      "A comma or the array's end is missing in line 1 (byte 22).",
    ],
  ])('may have %s', async (_, file, rows, unreadable?: string) => {
    for (const size of [1, 2, 100]) {
      const expected = unreadable === undefined ? { rows } : { rows, unreadable };
      expect(await read('json', file, [size])).toStrictEqual(expected);
    }
  });

  test.each([
    ['', 0, 'The file is empty.'],
    [' \n', 0, 'The file is empty.'],
    ['"a"', 0, 'The file is neither a JSON array nor a JSON object.'],
    ['12', 0, 'The file is neither a JSON array nor a JSON object.'],
    ['[', 0, 'The file ends before its array does.'],
    ['[1,', 1, 'The file ends before its array does.'],
    ['[1', 0, 'The file ends within the row that begins in line 1.'],
    ['[1,\n{"a": "', 1, 'The file ends within the row that begins in line 2.'],
    ['{"a": 1', 0, 'The file ends within the row that begins in line 1.'],
    ['[1,]', 1, 'A row is missing in line 1 (byte 3).'],
    ['[,1]', 0, 'A row is missing in line 1 (byte 1).'],
    ['[1\n2]', 1, "A comma or the array's end is missing in line 2 (byte 3)."],
    [
      '{"a": 1}\n{"a": 2}',
      1,
      "There is more after the JSON's end, in line 2 (byte 9). A file with a row on each line is named .ndjson.",
    ],
    [
      '[1] x',
      1,
      "There is more after the JSON's end, in line 1 (byte 4). A file with a row on each line is named .ndjson.",
    ],
  ])('%j is read up to the error', async (file, rowCount, unreadable) => {
    for (const size of [1, 100]) {
      const reading = await read('json', file, [size]);
      expect({ ...reading, rows: reading.rows.length }).toStrictEqual({ rows: rowCount, unreadable });
    }
  });

  test('skips a row that is too long', async () => {
    const long = 'x'.repeat(262_144 - 2);
    const errors = { detail: 'Request body exceeds 262144 bytes.', code: 'request_too_large' };
    const file = `["${long}",\n"${long}x", {"a": "${long}"},\n1]`;
    for (const size of [5000, 2 ** 21]) {
      const { rows } = await read('json', file, [size]);
      expect(rows.slice(1)).toStrictEqual([
        { line: 2, offset: 262_147, errors },
        { line: 2, offset: 524_294, errors },
        row(3, 786_447, 1),
      ]);
      expect(rows[0]).toHaveProperty('body', long);
    }
  });
});
