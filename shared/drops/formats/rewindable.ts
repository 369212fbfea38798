import { limitRowlessBytes, type Place } from './batches.ts';
import type { Piece } from './pieces.ts';

export type Rewindable = ReturnType<typeof rewindable>;

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** A file's bytes, which can be read again until they are let go. Offsets are the file's. */
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
    /** The first bytes, fewer than asked for only where the file has no more, and where they begin. */
    async start(bytesMax: number): Promise<{ offset: number; bytes: Buffer }> {
      while (bytes.length < bytesMax && (await more()));
      return { offset, bytes: bytes.subarray(0, bytesMax) };
    },

    /** Has each carriage return read as a newline. */
    convertReturnsToNewlines(): void {
      translate = withNewlines;
      bytes = withNewlines(bytes);
    },

    /** Bytes from `at` on, as they come: none at the file's end, else at least one and `bytesMax` at most. */
    async read(at: number, bytesMax: number): Promise<Buffer> {
      while (offset + bytes.length <= at && (await more()));
      return bytes.subarray(at - offset, at - offset + bytesMax);
    },

    /** Bytes that were read, and not let go. */
    again: (from: number, to: number): Buffer => bytes.subarray(from - offset, to - offset),

    /**
     * Lets go what comes before the next line, and answers where that is: the file's end, where there is
     * none.
     *
     * @throws UnreadableDrop where that is too far.
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
