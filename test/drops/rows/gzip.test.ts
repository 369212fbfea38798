import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { gunzip } from '../../../shared/drops/rows/gzip.ts';
import { readStream } from '../../../shared/drops/rows/stream.ts';
import { all, inChunks, START } from './reading.ts';

const NDJSON = { format: 'ndjson', gzip: true } as const;
const text = Array.from(
  { length: 2000 },
  (_, index) => `{"index": ${index}, "random": ${(index * 7919) % 1009}}\n`,
);
const file = gzipSync(text.join(''));

describe('a gzip file', () => {
  test.each([
    ['empty', Buffer.alloc(0), 'cut off before its end'],
    ['cut off', file.subarray(0, -100), 'cut off before its end'],
    ['cut off in its head', file.subarray(0, 5), 'cut off before its end'],
    ['none', Buffer.from(text.join('')), 'no gzip file'],
    ['damaged', Buffer.concat([file.subarray(0, -8), Buffer.alloc(8)]), 'damaged'],
  ])('that is %s cannot be read to its end', async (_, bytes, reason) => {
    const { unreadable } = await all(readStream(NDJSON, inChunks(bytes, [1000]), START));
    expect(unreadable).toContain(reason);
  });

  test('that is cut off gives the rows before that', async () => {
    const { rows } = await all(readStream(NDJSON, inChunks(file.subarray(0, -100), [1000]), START));
    expect(rows.length).toBeGreaterThan(1000);
    expect(rows[999]).toMatchObject({ line: 1000, body: { index: 999 } });
  });

  test('ends with what reading it throws', async () => {
    async function* failing() {
      yield file.subarray(0, 100);
      throw new Error('The network is gone.');
    }
    await expect(all(readStream(NDJSON, failing(), START))).rejects.toThrow('The network is gone.');
  });

  test('is not read on when nobody reads it', async () => {
    let isClosed = false;
    async function* chunks() {
      try {
        for (;;) yield file;
      } finally {
        isClosed = true;
      }
    }
    for await (const chunk of gunzip(chunks())) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    await expect.poll(() => isClosed).toBe(true);
  });

  test('may grow to more than memory holds', async () => {
    const MIB = 1024 * 1024;
    const member = gzipSync(Buffer.alloc(64 * MIB, 'x'), { level: 1 });
    let peak = 0;
    async function* bomb() {
      for (let index = 0; index < 8; index += 1) {
        yield member;
        peak = Math.max(peak, process.memoryUsage().arrayBuffers);
      }
    }
    const { rows } = await all(readStream(NDJSON, bomb(), START));
    expect(rows).toStrictEqual([
      { line: 1, offset: 0, errors: { detail: 'Request body exceeds 262144 bytes.' } },
    ]);
    expect(peak).toBeLessThan(256 * MIB);
  });
});
