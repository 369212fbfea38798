import { crc32, createInflateRaw } from 'node:zlib';
import { type ByteSource, byteSource } from './byte-source.ts';
import { UnreadableDrop } from './row.ts';

const MIB = 1024 * 1024;

export type UnpackLimits = {
  /** Unpacked bytes a packed byte. Files of rows stay below 100; deflate can reach 1,032 (source: zlib, "Maximum Expansion Factor"). */
  ratioMax: number;
  /** Unpacked bytes that a file may have whatever its ratio, so that a tiny file is not refused for a few equal rows. */
  bytesFree: number;
  /** Unpacked bytes of a file: to go on in a stream is to unpack what was read before, which must fit a reader's time. */
  bytesMax: number;
};
export const UNPACK_LIMITS: UnpackLimits = { ratioMax: 300, bytesFree: MIB, bytesMax: 16 * 1024 * MIB };

/** How much is unpacked at a time: what a file grows to never stands in memory. */
const UNPACKED_BYTES = 64 * 1024;

/**
 * Packed bytes that inflate is given at a time. What it unpacked of the last of them is lost when it finds them damaged, so the first
 * ones are given in small pieces: of a small file hardly a row is lost, and a large one is unpacked at full speed.
 */
const PIECE_BYTES = 4096;
const FIRST_PIECE_BYTES = 256;
const FIRST_BYTES = 64 * 1024;

/** Thrown where a file's checksum or length is not that of its content: any byte of it may be wrong. */
export class WrongChecksum extends UnreadableDrop {
  override name = 'WrongChecksum';
}

/**
 * Unpacks a gzip file (RFC 1952), of one member or several; zeros after the last are padding. What was unpacked before the damage is
 * given before the error is thrown, and is the same however the chunks arrive.
 *
 * @throws UnreadableDrop where it is no gzip file, damaged, cut off, followed by something else, or unpacks to more than the limits;
 * WrongChecksum; what reading the chunks throws.
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
 * Unpacks a whole gzip file for nothing but its checksums, since a wrong one is found only at the end, when its rows would have been
 * imported. What else is wrong with the file is found again when it is read.
 *
 * @throws WrongChecksum; what reading the chunks throws.
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

/** Whether there is another member; its header is read over. @throws UnreadableDrop */
async function readHeader(source: ByteSource, isFirst: boolean): Promise<boolean> {
  if (!isFirst && (await isPadding(source))) return false;
  const at = source.taken;
  const header = await source.take(HEADER_BYTES);
  const isMember = header[0] === MAGIC_1 && (header.length < 2 || header[1] === MAGIC_2);
  if (header.length > 0 && !isMember) {
    throw new UnreadableDrop(
      isFirst
        ? 'The file is no gzip file: it does not begin as one.'
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

/** Whether nothing but zeros follows, as in archives on tape; they are taken. */
async function isPadding(source: ByteSource): Promise<boolean> {
  for (;;) {
    const bytes = await source.take(PIECE_BYTES);
    if (bytes.length === 0) return true;
    const content = bytes.findIndex((byte) => byte !== 0);
    if (content < 0) continue;
    source.giveBack(bytes.subarray(content));
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
  // The length is kept modulo 2^32 (source: RFC 1952, ISIZE).
  if (trailer.readUInt32LE(0) === content.crc && trailer.readUInt32LE(4) === content.bytes % 2 ** 32) return;
  throw new WrongChecksum(
    'The gzip file is damaged: its checksum is not that of its content. Any row may be wrong, so none was read. Pack the file again.',
  );
}

/** Unpacks a member's deflate data, and leaves the source behind its end. @throws UnreadableDrop */
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
      source.giveBack(piece.subarray(piece.length - (givenBytes - stream.bytesWritten)));
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
