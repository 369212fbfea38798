import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { gunzip, UNPACK_LIMITS, verifyChecksums, WrongChecksum } from '../../../shared/drops/formats/gzip.ts';
import { readStream } from '../../../shared/drops/formats/stream.ts';
import { everyField } from '../../contract/requests.ts';
import { all, inChunks, START } from './read-helpers.ts';

const NDJSON = { format: 'ndjson', gzip: true } as const;
const text = Array.from(
  { length: 2000 },
  (_, index) => `{"index": ${index}, "random": ${(index * 7919) % 1009}}\n`,
);
const file = gzipSync(text.join(''));

/** Returns the bytes with one byte inverted; a negative position counts from the end. */
function damagedAt(bytes: Buffer, at: number): Buffer {
  const damaged = Buffer.from(bytes);
  damaged[at < 0 ? bytes.length + at : at]! ^= 0xff;
  return damaged;
}

const scrambled = Buffer.concat([file.subarray(0, 3000), Buffer.alloc(100, 0xff), file.subarray(3100)]);

/** A member with all optional header fields (RFC 1952): an extra field, a name, a comment, and a checksum. */
const withLongHeader = Buffer.concat([
  Buffer.from([0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 3, 2, 0, 7, 7]),
  Buffer.from('name\0comment\0??'),
  gzipSync(text.join('')).subarray(10),
]);

describe('a gzip file', () => {
  test.each([
    ['empty', Buffer.alloc(0), 'cut off before its end'],
    ['cut off', file.subarray(0, -100), 'cut off before its end'],
    ['cut off in its header', file.subarray(0, 5), 'cut off before its end'],
    ['cut off in its trailer', file.subarray(0, -3), 'cut off before its end'],
    ['not gzip', Buffer.from(text.join('')), 'not a gzip file'],
    [
      'damaged in its header',
      Buffer.from([...file.subarray(0, 2), 9, ...file.subarray(3)]),
      'damaged at about byte 0',
    ],
    ['damaged', scrambled, 'damaged at about byte'],
    ['with a wrong checksum', damagedAt(file, -8), 'its checksum is not that of its content'],
    ['with a wrong length', damagedAt(file, -4), 'its checksum is not that of its content'],
    [
      'followed by other data',
      Buffer.concat([file, Buffer.from('junk')]),
      `After the gzip data, at byte ${file.length}`,
    ],
  ])('is unreadable: %s', async (_, bytes, reason) => {
    const { unreadable } = await all(readStream(NDJSON, inChunks(bytes, [1000]), START));
    expect(unreadable).toContain(reason);
  });

  test('that is truncated yields the rows before the truncation', async () => {
    const { rows } = await all(readStream(NDJSON, inChunks(file.subarray(0, -100), [1000]), START));
    expect(rows.length).toBeGreaterThan(1000);
    expect(rows[999]).toMatchObject({ line: 1000, body: { index: 999 } });
  });

  test('that is small and followed by other data yields its rows', async () => {
    const small = Buffer.concat([gzipSync('{"a": 1}\n{"a": 2}\n'), Buffer.from('junk')]);
    for (const size of [1, 7, 1000]) {
      const { rows, unreadable } = await all(readStream(NDJSON, inChunks(small, [size]), START));
      expect(rows.map((row) => 'body' in row && row.body)).toStrictEqual([{ a: 1 }, { a: 2 }]);
      expect(unreadable).toMatch(/^After the gzip data, at byte 3\d, the file has something else\./);
    }
  });

  test('that is damaged yields almost all rows before the damage, for any chunk sizes', async () => {
    const whole = await all(readStream(NDJSON, inChunks(scrambled, [scrambled.length]), START));
    expect(whole.rows.length).toBeGreaterThan(200);
    for (const size of [1, 100, 4096]) {
      expect(await all(readStream(NDJSON, inChunks(scrambled, [size]), START))).toStrictEqual(whole);
    }
  });

  test.each([
    ['with a long header', withLongHeader],
    ['padded with zeros', Buffer.concat([file, Buffer.alloc(10_000)])],
    ['with an empty member and a full one', Buffer.concat([gzipSync(''), file])],
  ])('%s is read completely', async (_, bytes) => {
    for (const size of [1, 1000]) {
      const { rows, unreadable } = await all(readStream(NDJSON, inChunks(bytes, [size]), START));
      expect([rows.length, unreadable]).toStrictEqual([text.length, undefined]);
    }
  });

  test('has its checksums verified first; other damage is ignored then', async () => {
    for (const bytes of [file, file.subarray(0, -100), Buffer.from('none'), scrambled]) {
      await verifyChecksums(inChunks(bytes, [1000]));
    }
    const second = Buffer.concat([file, damagedAt(file, -8)]);
    await expect(verifyChecksums(inChunks(second, [1000]))).rejects.toThrow(WrongChecksum);
  });

  describe('that exceeds the decompression limits', () => {
    const LIMITS = { ratioMax: 20, bytesFree: 100_000, bytesMax: 1_000_000 };
    const unpacked = async (bytes: Buffer) => {
      let count = 0;
      for await (const chunk of gunzip(inChunks(bytes, [1000]), LIMITS)) count += chunk.length;
      return count;
    };

    test.each([
      ['the ratio', gzipSync(Buffer.alloc(100_001, ' ')), /more than 20 times its size/],
      ['the size', gzipSync(Buffer.alloc(1_000_001, ' '), { level: 0 }), /more than 1000000 bytes/],
      [
        'the size, with several members',
        Buffer.concat([1, 2].map(() => gzipSync(Buffer.alloc(500_001), { level: 0 }))),
        /more than 1000000 bytes/,
      ],
    ])('exceeds %s and is refused', async (_, bytes, message) => {
      await expect(unpacked(bytes)).rejects.toThrow(message);
    });

    test('is accepted exactly at the limits', async () => {
      expect(await unpacked(gzipSync(Buffer.alloc(100_000, ' ')))).toBe(100_000);
      expect(await unpacked(gzipSync(Buffer.alloc(1_000_000, ' '), { level: 0 }))).toBe(1_000_000);
    });

    test('allows files of similar rows', async () => {
      const row = `{"payload": ${JSON.stringify(everyField())}}\n`;
      const rows = Array.from({ length: 4000 }, (_, index) =>
        row.replace('4001248530', `${4_001_000_000 + index}`),
      );
      const packed = gzipSync(rows.join(''), { level: 9 });
      expect(Buffer.byteLength(rows.join('')) / packed.length).toBeLessThan(UNPACK_LIMITS.ratioMax / 2);
    });
  });

  test('rethrows errors of its chunks', async () => {
    async function* failing() {
      yield file.subarray(0, 100);
      throw new Error('The network is gone.');
    }
    await expect(all(readStream(NDJSON, failing(), START))).rejects.toThrow('The network is gone.');
  });

  test('closes its source when the consumer stops', async () => {
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

  test('may decompress to more than the memory', async () => {
    const MIB = 1024 * 1024;
    const member = gzipSync(Buffer.alloc(16 * MIB, 'x'), { level: 0 });
    let peak = 0;
    async function* large() {
      for (let index = 0; index < 16; index += 1) {
        yield member;
        peak = Math.max(peak, process.memoryUsage().arrayBuffers);
      }
    }
    let bytes = 0;
    for await (const chunk of gunzip(large())) bytes += chunk.length;
    expect(bytes).toBe(256 * MIB);
    expect(peak).toBeLessThan(128 * MIB);
  });
});
