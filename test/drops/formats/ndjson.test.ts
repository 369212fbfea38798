import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { httpErrors, RESPONSE_BYTES_MAX } from '../../../functions/edge/responses.ts';
import { BODY_BYTES_MAX } from '../../../shared/api/errors.ts';
import { readRange } from '../../../shared/drops/formats/ndjson.ts';
import { type DropRow, ROW_BYTES_MAX, withinLimit } from '../../../shared/drops/formats/row.ts';
import { all, read } from './read-helpers.ts';
import { asTheEndpoint } from './reference-reader.ts';

const TOO_LONG = { detail: 'Request body exceeds 262144 bytes.', code: 'request_too_large' };

describe('lines', () => {
  test.each<[string, string, DropRow[]]>([
    ['end with a newline, or at the end of the file', '1\n2', [row(1, 0, 1), row(2, 2, 2)]],
    ['end with a carriage return and a newline', '1\r\n2\r\n', [row(1, 0, 1), row(2, 3, 2)]],
    [
      'that are blank count as lines, but are not rows',
      '\n \t\r\n1\n\r\n\n2\n ',
      [row(3, 5, 1), row(6, 10, 2)],
    ],
    ['may follow a byte order mark', '\ufeff1\n2', [row(1, 3, 1), row(2, 5, 2)]],
    ['are absent from an empty file', '', []],
    ['are absent from a file with only a byte order mark', '\ufeff', []],
    ['may be any JSON', 'null\n"é😀"\n[]', [row(1, 0, null), row(2, 5, 'é😀'), row(3, 14, [])]],
  ])('%s', async (_, file, rows) => {
    for (const size of [1, 2, 3, 100]) expect(await read('ndjson', file, [size])).toStrictEqual({ rows });
  });

  test('treat __proto__ like any other field', async () => {
    const { rows } = await read('ndjson', '{"__proto__": {"payload": 1}}');
    expect(Object.keys((rows[0] as { body: object }).body)).toStrictEqual(['__proto__']);
    expect(Object.getPrototypeOf((rows[0] as { body: object }).body)).toBe(Object.prototype);
  });
});

describe('the errors of a row', () => {
  test('are those of the endpoint, with the same limit', () => {
    const most = { a: 'é'.repeat(RESPONSE_BYTES_MAX / 2 - 4) };
    expect(withinLimit(most)).toBe(most);
    expect(withinLimit({ a: `${most.a}x` })).toStrictEqual(httpErrors.tooManyErrors().response.body);
  });
});

describe('a line', () => {
  test('may be as long as a request body', async () => {
    expect(ROW_BYTES_MAX).toBe(BODY_BYTES_MAX);
    const longest = JSON.stringify('x'.repeat(ROW_BYTES_MAX - 2));
    const longer = JSON.stringify('é'.repeat(ROW_BYTES_MAX / 2));
    for (const [end, sizes] of [
      ['\n', [1000]],
      ['\r\n', [ROW_BYTES_MAX + 1, 1]],
      ['\r\n', [2 ** 21]],
    ] as const) {
      const { rows } = await read('ndjson', [longest, longer, '1', longer].join(end), [...sizes]);
      expect(
        rows.map((row) => ('body' in row ? row.body === JSON.parse(longest) || row.body : row.errors)),
      ).toEqual([true, TOO_LONG, 1, TOO_LONG]);
      expect(rows.map(({ line }) => line)).toStrictEqual([1, 2, 3, 4]);
    }
  });

  test('that exceeds the memory is skipped', async () => {
    const MIB = 1024 * 1024;
    let peak = 0;
    async function* endless() {
      for (let index = 0; index < 512; index += 1) {
        yield Buffer.alloc(MIB, 'x');
        peak = Math.max(peak, process.memoryUsage().arrayBuffers);
      }
      yield Buffer.from('\n1');
    }
    const range = { start: 0, end: 513 * MIB };
    expect(await all(readRange(endless(), range))).toStrictEqual({
      rows: [{ line: 1, offset: 0, errors: TOO_LONG }, row(2, 512 * MIB + 1, 1)],
      lines: 2,
    });
    expect(peak).toBeLessThan(256 * MIB);
  });

  test('that cannot be parsed has the endpoint’s error', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 20 }).map((body) => Buffer.from(body)),
      fc.string({ unit: 'binary' }).map((body) => Buffer.from(body)),
      fc.tuple(fc.json(), fc.nat()).map(([json, at]) => Buffer.from(json.slice(0, at % (json.length + 1)))),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (body) => {
        fc.pre(!body.includes('\n') && body.at(-1) !== 0x0d && /[^ \t\r]/.test(body.toString('latin1')));
        const { rows } = await read('ndjson', Buffer.concat([Buffer.from('1\n'), body]));
        expect(rows[1]).toStrictEqual({ line: 2, offset: 2, ...asTheEndpoint(body) });
      }),
      { numRuns: 1000 },
    );
  });
});

function row(line: number, offset: number, body: unknown): DropRow {
  return { line, offset, body };
}
