import { describe, expect, test } from 'vitest';
import { BATCH_BYTES_MAX, type Place, ROWLESS_BYTES_MAX } from '../../../shared/drops/formats/batches.ts';
import type { DropKind } from '../../../shared/drops/formats/drop-kind.ts';
import { readStream } from '../../../shared/drops/formats/stream.ts';
import { all, START } from './read-helpers.ts';

const FILLING = 256 * 1024;

/** Yields a file with `bytes` equal bytes between two rows. */
async function* fileOf(before: string, byte: string, bytes: number, after: string) {
  yield Buffer.from(before);
  for (let at = 0; at < bytes; at += FILLING) yield Buffer.alloc(Math.min(FILLING, bytes - at), byte);
  yield Buffer.from(after);
}

const CASES: readonly [string, DropKind['format'], string, string, string][] = [
  ['a line that is too long', 'ndjson', '1\n', 'x', '\n2'],
  ['white space', 'json', '[1', ' ', ',2]'],
  ['blank lines', 'json', '[1', '\n', ',2]'],
  ['an element that is too long', 'json', '[1,', '0', ',2]'],
  ['a record that is too long', 'csv', 'supply_point.identifier\n1\n', 'x', '\n2'],
];

describe('a stream with many bytes between two rows', () => {
  test.each(CASES)('%s in %s is read up to the limit only', async (_, format, before, byte, after) => {
    const kind = { format, gzip: false };
    // The limit counts from the end of one row to the end of the next.
    const most = ROWLESS_BYTES_MAX - after.length;
    const within = await all(readStream(kind, fileOf(before, byte, most, after), START));
    expect(within.unreadable).toBeUndefined();
    expect(within.rows.at(-1)).toHaveProperty('body');
    const beyond = await all(readStream(kind, fileOf(before, byte, ROWLESS_BYTES_MAX + 1, after), START));
    expect(beyond.rows).toHaveLength(1);
    expect(beyond.unreadable).toMatch(/^More than 16777216 bytes from line \d+ \(byte \d+\) on have no row/);
  });
});

test('the search for the header of a CSV file stops at a limit', async () => {
  let given = 0;
  async function* endless() {
    for (;;) {
      given += FILLING;
      yield Buffer.alloc(FILLING, '\n');
    }
  }
  const { unreadable } = await all(readStream({ format: 'csv', gzip: false }, endless(), START));
  expect(unreadable).toBe('No header was found in the first 262144 bytes.');
  expect(given).toBeLessThanOrEqual(4 * FILLING);
});

describe.each([
  ['ndjson', '1\n'],
  ['csv', 'supply_point.identifier\n1\n'],
] as const)('many blank lines of %s', (format, before) => {
  test('end a batch in the middle, where reading continues', async () => {
    const kind = { format, gzip: false };
    const bytes = 1.5 * BATCH_BYTES_MAX;
    const open = () => fileOf(before, '\n', bytes, '2');
    const last = { line: expect.any(Number), offset: before.length + bytes };
    const whole = await all(readStream(kind, open(), START));
    expect(whole.rows.slice(1)).toMatchObject([last]);
    const places: Place[] = [];
    for (let from: Place | undefined = START; from !== undefined; ) {
      const batches = readStream(kind, open(), from);
      const { value } = await batches.next();
      from = value?.next;
      if (from !== undefined) places.push(from);
      else expect(value?.rows.at(-1)).toStrictEqual(whole.rows.at(-1));
      await batches.return(undefined);
    }
    expect(places.at(-1)?.offset).toBeGreaterThan(BATCH_BYTES_MAX);
    for (const { offset, line } of places) expect(line - offset).toBe(places[0]!.line - places[0]!.offset);
  });
});
