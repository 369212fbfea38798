import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BATCH_ROWS_MAX, FIRST_BATCH_ROWS_MAX } from '../../../shared/drops/formats/batches.ts';
import type { DropKind } from '../../../shared/drops/formats/drop-kind.ts';
import { readStream } from '../../../shared/drops/formats/stream.ts';
import { all, IGNORING, inChunks, read, readBatchByBatch, START } from './read-helpers.ts';

/** Valid and invalid rows. They are repeated, because a batch has hundreds of rows. */
const piece = {
  ndjson: fc.oneof(fc.json({ stringUnit: 'binary' }), fc.constantFrom('', ' \r', '{', '{"é": "😀"}\r')),
  json: fc.oneof(
    fc.json({ stringUnit: 'binary' }),
    fc.constantFrom('\n{"a" 1}', '{"a":\r\n[{"}": "]\\""}]} ', ' tru', '"\\\\"', '\t12\n', '{"é": "😀"}'),
  ),
  csv: fc.oneof(
    fc.tuple(cell(), cell()).map((cells) => cells.join(',')),
    fc.constantFrom(
      '',
      ',',
      'a',
      'a,b,c',
      'a"b,c',
      '"a"b,c',
      '"a,b',
      'é,"b"\r',
      '"1\n2","3\r\n\n4"',
      '"""",""',
    ),
  ),
};

function cell() {
  return fc.string({ unit: 'binary' }).map((text) => `"${text.replaceAll('"', '""')}"`);
}

const FORMATS: Record<DropKind['format'], (rows: string[]) => string> = {
  ndjson: (rows) => rows.join('\n'),
  json: (rows) => `[${rows.join(',')}]\n`,
  csv: (rows) => `supply_point.identifier,"é😀"\r\n${rows.join('\n')}`,
};

const fileOf = (format: DropKind['format'], rowsMax: number) =>
  fc
    .tuple(
      fc.array(piece[format], { minLength: 1, maxLength: 15 }),
      fc.integer({ min: 1, max: rowsMax }),
      fc.constantFrom('', '\ufeff'),
      fc.constantFrom('', '\n', ' ', ']', '"'),
    )
    .map(([rows, count, mark, last]) =>
      Buffer.from(
        mark +
          FORMATS[format](Array.from({ length: count }, (_, index) => rows[index % rows.length]!)) +
          last,
      ),
    );

const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 4 });

describe.each(['ndjson', 'json', 'csv'] as const)('a stream of %s', (format) => {
  test('has the same rows for any chunk sizes', async () => {
    await fc.assert(
      fc.asyncProperty(fileOf(format, 50), sizes, async (file, sizes) => {
        expect(await read(format, file, sizes)).toStrictEqual(await read(format, file));
      }),
      { numRuns: 100 },
    );
  });

  test('has the same rows when each batch is read by another reader', async () => {
    await fc.assert(
      fc.asyncProperty(fileOf(format, 3 * BATCH_ROWS_MAX), sizes, async (file, sizes) => {
        const inPieces = sizes.map((size) => size * 500);
        const continued = await readBatchByBatch({ format, gzip: false }, file, inPieces);
        expect(continued).toStrictEqual(await read(format, file));
      }),
      { numRuns: 25 },
    );
  });

  test('has the same rows when it is compressed', async () => {
    await fc.assert(
      fc.asyncProperty(fileOf(format, 2 * BATCH_ROWS_MAX), fc.nat(), sizes, async (file, place, sizes) => {
        const at = place % (file.length + 1);
        const members = Buffer.concat([gzipSync(file.subarray(0, at)), gzipSync(file.subarray(at))]);
        const kind = { format, gzip: true };
        const whole = await read(format, file);
        expect(await all(readStream(kind, inChunks(members, sizes), START, IGNORING))).toStrictEqual(whole);
        expect(await readBatchByBatch(kind, members)).toStrictEqual(whole);
      }),
      { numRuns: 10 },
    );
  });
});

test('a batch is yielded before the rest of the file is read, and the first one early', async () => {
  let given = 0;
  async function* chunks() {
    for (; given < 10_000; given += 1) yield Buffer.from('{}\n');
  }
  const batches = readStream({ format: 'ndjson', gzip: false }, chunks(), START);
  const { value } = await batches.next();
  expect(value).toMatchObject({ rows: { length: FIRST_BATCH_ROWS_MAX }, next: { offset: 300, line: 101 } });
  expect(given).toBeLessThan(500);
  expect((await batches.next()).value).toMatchObject({
    rows: { length: BATCH_ROWS_MAX },
    next: { offset: 1800, line: 601 },
  });
  expect(given).toBeLessThan(1000);
  await batches.return(undefined);
});
