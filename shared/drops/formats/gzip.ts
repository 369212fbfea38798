import { crc32, createInflateRaw } from 'node:zlib';
import { type ByteSource, byteSource } from './byte-source.ts';
import { UnreadableDrop } from './row.ts';

const MIB = 1024 * 1024;

export type UnpackLimits = {
  /** Maximum decompressed bytes per compressed byte. Real files stay below 100; deflate can reach 1,032 (source: zlib, "Maximum Expansion Factor"). */
  ratioMax: number;
  /** Decompressed bytes below which the ratio is not checked. Otherwise a tiny file with a few equal rows would be refused. */
  bytesFree: number;
  /** Maximum decompressed bytes. Continuing a stream decompresses it from the start, which must fit into a reader's time-out. */
  bytesMax: number;
};
export const UNPACK_LIMITS: UnpackLimits = { ratioMax: 300, bytesFree: MIB, bytesMax: 16 * 1024 * MIB };

/** Decompressed bytes per chunk. The decompressed file is never in memory as a whole. */
const UNPACKED_BYTES = 64 * 1024;

/**
 * Compressed bytes per write to zlib. When zlib finds damage, the output of the last write is lost. The first writes are therefore small:
 * a small damaged file loses few rows, and a large file is still decompressed at full speed.
 */
const PIECE_BYTES = 4096;
const FIRST_PIECE_BYTES = 256;
const FIRST_BYTES = 64 * 1024;

/** Thrown when a file's checksum or length does not match its content. Any byte of it may be wrong. */
export class WrongChecksum extends UnreadableDrop {
  override name = 'WrongChecksum';
}

/**
 * Decompresses a gzip file (RFC 1952) with one or more members. Zeros after the last member are padding. The content before damage is
 * yielded before the error is thrown, and does not depend on the chunk sizes.
 *
 * @throws UnreadableDrop if the file is not gzip, damaged, truncated, followed by other data, or exceeds the limits; WrongChecksum; the
 * errors of `chunks`.
 */
export async function* gunzip(
  chunks: AsyncIterable<Uint8Array>,
  limits: UnpackLimits = UNPACK_LIMITS,
): AsyncGenerator<Uint8Array> {
  const source = byteSource(chunks);
  let unpackedBytes = 0;
  try {
    for (let member = 0; await readHeader(source, member === 0); member += 1) {
      const content = { crc: 0, bytes: 0 };
      for await (const chunk of inflate(source)) {
        unpackedBytes += chunk.length;
        requireWithin(limits, unpackedBytes, source.taken);
        content.crc = crc32(chunk, content.crc);
        content.bytes += chunk.length;
        yield chunk;
      }
      await readTrailer(source, content);
    }
  } finally {
    await source.close();
  }
}

/**
 * Decompresses a whole gzip file to verify its checksums before any row is imported, because they are at the end. Ignores other errors
 * of the file, because reading it finds them again.
 *
 * @throws WrongChecksum; the errors of `chunks`.
 */
export async function verifyChecksums(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const _ of gunzip(chunks));
  } catch (error) {
    if (error instanceof WrongChecksum || !(error instanceof UnreadableDrop)) throw error;
  }
}

const HEADER_BYTES = 10;
const [MAGIC_1, MAGIC_2, DEFLATE] = [0x1f, 0x8b, 8];
const FLAG = { headerChecksum: 0x02, extra: 0x04, name: 0x08, comment: 0x10, reserved: 0xe0 };

/** Skips a member's header. Returns false if there is no further member. @throws UnreadableDrop */
async function readHeader(source: ByteSource, isFirst: boolean): Promise<boolean> {
  if (!isFirst && (await isPadding(source))) return false;
  const at = source.taken;
  const header = await source.take(HEADER_BYTES);
  const isMember = header[0] === MAGIC_1 && (header.length < 2 || header[1] === MAGIC_2);
  if (header.length > 0 && !isMember) {
    throw new UnreadableDrop(
      isFirst
        ? 'The file is not a gzip file: its first bytes are not the signature of gzip.'
        : `After the gzip data, at byte ${at}, the file has something else. The rows before it were read.`,
    );
  }
  if (header.length < HEADER_BYTES) throw cutOff();
  const flags = header[3]!;
  if (header[2] !== DEFLATE || (flags & FLAG.reserved) !== 0) throw damaged(at);
  if (flags & FLAG.extra) {
    const length = await exactly(source, 2);
    await exactly(source, length.readUInt16LE());
  }
  for (const flag of [FLAG.name, FLAG.comment]) if (flags & flag) await skipText(source);
  if (flags & FLAG.headerChecksum) await exactly(source, 2);
  return true;
}

/** Skips zeros, as in archives on tape. Returns whether nothing else follows. */
async function isPadding(source: ByteSource): Promise<boolean> {
  for (;;) {
    const bytes = await source.take(PIECE_BYTES);
    if (bytes.length === 0) return true;
    const content = bytes.findIndex((byte) => byte !== 0);
    if (content < 0) continue;
    source.putBack(bytes.subarray(content));
    return false;
  }
}

async function skipText(source: ByteSource): Promise<void> {
  while ((await exactly(source, 1))[0] !== 0);
}

const TRAILER_BYTES = 8;

/** @throws UnreadableDrop, WrongChecksum */
async function readTrailer(source: ByteSource, content: { crc: number; bytes: number }): Promise<void> {
  const trailer = await exactly(source, TRAILER_BYTES);
  // The trailer has the length modulo 2^32 (source: RFC 1952, ISIZE).
  if (trailer.readUInt32LE(0) === content.crc && trailer.readUInt32LE(4) === content.bytes % 2 ** 32) return;
  throw new WrongChecksum(
    'The gzip file is damaged: its checksum is not that of its content. Any row may be wrong, so none was read. Pack the file again.',
  );
}

/** Decompresses a member's deflate data, and leaves the source at the end of it. @throws UnreadableDrop */
async function* inflate(source: ByteSource): AsyncGenerator<Buffer> {
  const stream = createInflateRaw({ chunkSize: UNPACKED_BYTES });
  let unpacked: Buffer[] = [];
  let settle: (outcome: 'more' | 'end' | Error) => void = () => {};
  stream.on('data', (chunk: Buffer) => unpacked.push(chunk));
  stream.on('end', () => settle('end'));
  stream.on('error', (error) => settle(error));
  let givenBytes = 0;
  try {
    for (;;) {
      const at = source.taken;
      const piece = await source.take(at < FIRST_BYTES ? FIRST_PIECE_BYTES : PIECE_BYTES);
      const outcome = await new Promise<'more' | 'end' | Error>((resolve) => {
        settle = resolve;
        if (piece.length === 0) stream.end();
        else stream.write(piece, (error) => resolve(error ?? 'more'));
      });
      givenBytes += piece.length;
      yield* unpacked;
      unpacked = [];
      if (outcome instanceof Error) throw piece.length === 0 ? cutOff() : damaged(at);
      if (outcome === 'more') continue;
      source.putBack(piece.subarray(piece.length - (givenBytes - stream.bytesWritten)));
      return;
    }
  } finally {
    stream.destroy();
  }
}

async function exactly(source: ByteSource, bytes: number): Promise<Buffer> {
  const taken = await source.take(bytes);
  if (taken.length < bytes) throw cutOff();
  return taken;
}

function requireWithin(limits: UnpackLimits, unpackedBytes: number, packedBytes: number): void {
  if (unpackedBytes > limits.bytesMax) {
    throw new UnreadableDrop(
      `The gzip file unpacks to more than ${limits.bytesMax} bytes. Drop it in several files.`,
    );
  }
  if (unpackedBytes > limits.bytesFree && unpackedBytes > packedBytes * limits.ratioMax) {
    throw new UnreadableDrop(
      `The gzip file unpacks to more than ${limits.ratioMax} times its size. Drop it unpacked.`,
    );
  }
}

const cutOff = () => new UnreadableDrop('The gzip file is cut off before its end.');
const damaged = (at: number) => new UnreadableDrop(`The gzip file is damaged at about byte ${at}.`);
