import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openedAt, readRange } from '../../../shared/drops/formats/ndjson.ts';
import { ROW_BYTES_MAX } from '../../../shared/drops/formats/row.ts';
import { all, inChunks, type Reading } from './read-helpers.ts';
import { referenceReading } from './reference-reader.ts';

/** Reads a file in ranges, and combines their rows and lines as the report does. */
async function readInRanges(
  file: Buffer,
  cuts: readonly number[],
  sizes: readonly number[],
): Promise<Reading> {
  const reading: Required<Omit<Reading, 'unreadable'>> = { rows: [], lines: 0 };
  const bounds = [0, ...cuts, file.length];
  for (const [index, end] of bounds.slice(1).entries()) {
    const range = { start: bounds[index]!, end };
    const { rows, lines } = await all(readRange(inChunks(file.subarray(openedAt(range)), sizes), range));
    for (const row of rows) reading.rows.push({ ...row, line: reading.lines + row.line });
    reading.lines += lines!;
  }
  return reading;
}

describe('ranges', () => {
  const long = 'x'.repeat(ROW_BYTES_MAX + 5);
  const line = fc.oneof(
    { weight: 10, arbitrary: fc.json({ stringUnit: 'binary', maxDepth: 1 }) },
    {
      weight: 5,
      arbitrary: fc.constantFrom('', ' ', '\t\r', '{', '"é😀"', '\ufeff1', '\r1', '{"a": "\\n"}'),
    },
    { weight: 1, arbitrary: fc.constantFrom(long, `"${long}"`) },
  );
  const file = fc
    .tuple(
      fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\n\n')), { maxLength: 12 }),
      fc.constantFrom('', '\ufeff'),
      fc.constantFrom(Buffer.alloc(0), Buffer.from([0xff]), Buffer.from('{"last": 1}')),
    )
    .map(([lines, mark, last]) => Buffer.concat([Buffer.from(mark + lines.flat().join('')), last]))
    .filter(({ length }) => length > 0);
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

  test('that are consecutive have each row exactly once, for any cuts and chunk sizes', async () => {
    const cut = fc.tuple(file, fc.array(fc.nat(), { maxLength: 8 }), sizes);
    await fc.assert(
      fc.asyncProperty(cut, async ([bytes, places, sizes]) => {
        const cuts = [...new Set(places.map((place) => place % bytes.length))].filter((at) => at > 0);
        const factor = bytes.length > 10_000 ? 3000 : 1;
        const inRanges = await readInRanges(
          bytes,
          cuts.sort((one, other) => one - other),
          sizes.map((size) => size * factor),
        );
        expect(inRanges).toStrictEqual(referenceReading(bytes));
      }),
      { numRuns: 1000 },
    );
  });

  test('of every size have each row exactly once', async () => {
    const bytes = Buffer.from('\ufeff{"a": "é"}\r\n\n{\n 1 \n\n"😀"');
    for (let size = 1; size <= bytes.length; size += 1) {
      const cuts = Array.from(
        { length: Math.ceil(bytes.length / size) - 1 },
        (_, index) => (index + 1) * size,
      );
      expect(await readInRanges(bytes, cuts, [1])).toStrictEqual(referenceReading(bytes));
    }
  });

  test.each([
    ['ends at its last line’s end', { start: 3, end: 6 }, 1, 1],
    ['ends within its last line', { start: 3, end: 7 }, 2, 2],
    ['is within a line', { start: 1, end: 2 }, 0, 1],
  ])('a range that %s reads only the chunks it needs', async (_, range, rowCount, chunkCount) => {
    let asked = 0;
    let isClosed = false;
    async function* chunks() {
      try {
        for (const chunk of ['11\n22\n33\n44\n'.slice(openedAt(range), 6), '33\n', '44\n']) {
          asked += 1;
          yield Buffer.from(chunk);
        }
      } finally {
        isClosed = true;
      }
    }
    const { rows, lines } = await all(readRange(chunks(), range));
    expect([rows.length, lines, asked, isClosed]).toStrictEqual([rowCount, rowCount, chunkCount, true]);
  });
});
