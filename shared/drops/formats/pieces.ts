/** A piece of a file: bytes, and the offset of the first one. */
export type Piece = { offset: number; bytes: Buffer };

const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/**
 * Returns a file's bytes from the offset `from`. The chunks begin at the offset `at`. A byte order mark at the start of the file is
 * skipped; offsets include it. Empty pieces are omitted.
 */
export async function* pieces(
  chunks: AsyncIterable<Uint8Array>,
  at: number,
  from: number = at,
): AsyncGenerator<Piece> {
  let offset = at;
  let start = Buffer.alloc(0);
  let isStart = from === 0;
  for await (const chunk of chunks) {
    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (isStart) {
      start = Buffer.concat([start, bytes]);
      if (start.length < BYTE_ORDER_MARK.length && BYTE_ORDER_MARK.indexOf(start) === 0) continue;
      bytes = start;
      isStart = false;
      if (bytes.indexOf(BYTE_ORDER_MARK) === 0) {
        offset = BYTE_ORDER_MARK.length;
        bytes = bytes.subarray(offset);
      }
    }
    const skipped = Math.max(0, from - offset);
    if (bytes.length > skipped) yield { offset: offset + skipped, bytes: bytes.subarray(skipped) };
    offset += bytes.length;
  }
  if (isStart && start.length > 0) yield { offset, bytes: start };
}
