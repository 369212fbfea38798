import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BATCH_ROWS_MAX } from '../../../shared/drops/formats/batches.ts';
import { read, readBatchByBatch } from './read-helpers.ts';

const ID = 'supply_point.identifier';

/** Encodes a text in UTF-16 with a byte order mark. */
const utf16 = (text: string, isBigEndian: boolean): Buffer => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return isBigEndian ? bytes.swap16() : bytes;
};

const ENCODINGS: Readonly<Record<string, (text: string) => Buffer>> = {
  'UTF-8': (text) => Buffer.from(text),
  'UTF-16 (little-endian)': (text) => utf16(text, false),
  'UTF-16 (big-endian)': (text) => utf16(text, true),
};

const cell = fc.string({ unit: fc.constantFrom('a', ',', ';', '\t', '\n', '"', 'é', '😀', ' ') });
const records = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 12 });
const written = (rows: readonly (readonly string[])[], delimiter: string, end: string): string =>
  rows.map((cells) => cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(delimiter)).join(end);

describe.each(Object.keys(ENCODINGS))('a CSV file in %s', (encoding) => {
  test('has the same rows for all delimiters, line ends and chunk sizes, and when a later reader continues', async () => {
    const dialect = fc.tuple(fc.constantFrom(',', ';', '\t'), fc.constantFrom('\n', '\r\n', '\r'));
    await fc.assert(
      fc.asyncProperty(
        records,
        dialect,
        fc.integer({ min: 1, max: 50 }),
        fc.constantFrom(1, 1, 1, BATCH_ROWS_MAX / 10),
        async (rows, [delimiter, end], size, times) => {
          const all = Array.from({ length: times }, () => rows).flat();
          const text = `${ID}${delimiter}x${end}${written(all, delimiter, end)}`;
          const file = ENCODINGS[encoding]!(text);
          const expected = all
            .filter((cells) => cells.some((cell) => /[^ \t\r]/.test(cell)))
            .map(([id, x]) => ({
              payload: { ...(id && { supply_point: { identifier: id } }), ...(x && { x }) },
            }));
          const reading = await read('csv', file, [size * times]);
          expect(reading.rows.map((row) => 'body' in row && row.body)).toStrictEqual(expected);
          const continued = await readBatchByBatch({ format: 'csv', gzip: false }, file, [size * times]);
          expect(continued).toStrictEqual(reading);
          // Offsets count bytes of the text in UTF-8, without UTF-16's byte order mark.
          const lineEnds = Buffer.from(text);
          for (const { offset } of reading.rows) expect(lineEnds[offset]).toBe(0x22);
        },
      ),
      { numRuns: 20 },
    );
  });
});

test('an incomplete UTF-16 character invalidates only its row', async () => {
  const text = `${ID},x\n1,\ud83d\n\udc4d,2\né,3\né,4`;
  for (const isBigEndian of [false, true]) {
    const file = utf16(text, isBigEndian);
    for (const size of [1, 3, 1000]) {
      const { rows } = await read('csv', file, [size]);
      expect(rows.map((row) => ('errors' in row ? row.errors['detail'] : row.line))).toStrictEqual([
        'CSV parse error - the record is not UTF-8',
        'CSV parse error - the record is not UTF-8',
        4,
        5,
      ]);
    }
    const cutOff = await read('csv', file.subarray(0, -1));
    expect(cutOff.rows.at(-1)).toHaveProperty('errors');
  }
});

describe('a file that is not CSV in UTF-8 is refused with a reason', () => {
  const HOW = 'Export it as "CSV UTF-8", or convert it with iconv.';
  test.each([
    [
      'in Windows-1252',
      Buffer.from(`${ID},b\n1,\x80\x93\n2,\xfc`, 'latin1'),
      `The file is not in UTF-8: it looks like Windows-1252. ${HOW}`,
    ],
    [
      'in Latin-1',
      Buffer.from(`${ID},b\n1,M\xe4rz`, 'latin1'),
      `The file is not in UTF-8: it looks like Windows-1252 or ISO-8859-1 (Latin-1). ${HOW}`,
    ],
    [
      'in UTF-16 without a byte order mark',
      Buffer.from(`${ID},b\n1,2`, 'utf16le'),
      `The file is in UTF-16 without a byte order mark. ${HOW}`,
    ],
    [
      'in big-endian UTF-16 without a byte order mark',
      Buffer.from(`${ID},b\n1,2`, 'utf16le').swap16(),
      `The file is in UTF-16 without a byte order mark. ${HOW}`,
    ],
    [
      'a workbook',
      Buffer.from('PK\x03\x04\x14\0\x06\0'),
      'The file is a ZIP archive, such as an Excel workbook, and no CSV. Export it as "CSV UTF-8".',
    ],
  ])('%s', async (_, file, unreadable) => {
    for (const size of [1, 1000])
      expect(await read('csv', file, [size])).toStrictEqual({ rows: [], unreadable });
  });

  test('except for a character that is cut at the end of the checked bytes', async () => {
    const filling = 'x'.repeat(200);
    const lines = Array.from({ length: 6000 }, () => `1,${filling}`).join('\n');
    for (const shift of ['', 'x', 'xx']) {
      const head = `${ID},b\n1,${shift}${'é'.repeat(1000)}\n`;
      const start = Buffer.from(head + lines);
      const file = Buffer.concat([start.subarray(0, 1024 * 1024 - 1), Buffer.from('é\n2,3')]);
      expect((await read('csv', file)).unreadable).toBeUndefined();
    }
  });
});

test('messages about a file with lone carriage returns do not quote cells', async () => {
  const file = `${ID},accounts.0.customers.0.given_name\r4001248530,Mickey\r4001248531,Minnie`;
  const { rows, unreadable } = await read('csv', file);
  expect(unreadable).toBeUndefined();
  expect(rows).toMatchObject([
    { line: 2, offset: file.indexOf('4001248530') },
    { line: 3, offset: file.indexOf('4001248531') },
  ]);
  const headless = await read('csv', 'Mickey,4001248530\rMinnie,4001248531');
  expect(headless.unreadable).toBe(
    'The first line is not a header, or its columns do not include supply_point.identifier.',
  );
});
