import { limitRowlessBytes, type Place } from './batches.ts';
import type { Piece } from './pieces.ts';

export type Rewindable = ReturnType<typeof rewindable>;

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** A buffered file, whose bytes can be read again until they are discarded. Offsets are those of the file. */
export function rewindable(source: AsyncGenerator<Piece>) {
  let offset = 0;
  let bytes: Buffer = Buffer.alloc(0);
  let translate = (read: Buffer): Buffer => read;

  const more = async (): Promise<boolean> => {
    const { done, value } = await source.next();
    if (done) return false;
    const piece = { offset: value.offset, bytes: translate(value.bytes) };
    if (bytes.length > 0) {
      bytes = Buffer.concat([bytes, piece.bytes]);
    } else {
      bytes = piece.bytes.subarray(Math.max(0, offset - piece.offset));
      offset = Math.max(offset, piece.offset);
    }
    return true;
  };

  const discardBefore = (before: number): void => {
    bytes = bytes.subarray(before - offset);
    offset = before;
  };

  return {
    /** Returns the first bytes, fewer than `bytesMax` only at the end of the file, and their offset. */
    async start(bytesMax: number): Promise<{ offset: number; bytes: Buffer }> {
      while (bytes.length < bytesMax && (await more()));
      return { offset, bytes: bytes.subarray(0, bytesMax) };
    },

    /** Replaces carriage returns by newlines in everything that is read. */
    convertReturnsToNewlines(): void {
      translate = withNewlines;
      bytes = withNewlines(bytes);
    },

    /** Reads at most `bytesMax` bytes from `at`, as available: at least one, or none at the end of the file. */
    async read(at: number, bytesMax: number): Promise<Buffer> {
      while (offset + bytes.length <= at && (await more()));
      return bytes.subarray(at - offset, at - offset + bytesMax);
    },

    /** Returns buffered bytes. */
    buffered: (from: number, to: number): Buffer => bytes.subarray(from - offset, to - offset),

    /**
     * Discards the bytes before the next line. Returns the offset of that line, or of the end of the file.
     *
     * @throws UnreadableDrop as {@link limitRowlessBytes}
     */
    async nextLine(after: Place): Promise<number> {
      let at = after.offset;
      for (;;) {
        discardBefore(at);
        const newline = bytes.indexOf(NEWLINE);
        if (newline >= 0) {
          discardBefore(offset + newline + 1);
          return offset;
        }
        at = offset + bytes.length;
        limitRowlessBytes(after, at);
        if (bytes.length > 0) continue;
        if (!(await more())) return offset;
      }
    },

    discardBefore,
    close: (): Promise<unknown> => source.return(undefined),
  };
}

function withNewlines(bytes: Buffer): Buffer {
  const translated = Buffer.from(bytes);
  for (let at = translated.indexOf(RETURN); at >= 0; at = translated.indexOf(RETURN, at + 1)) {
    translated[at] = NEWLINE;
  }
  return translated;
}
