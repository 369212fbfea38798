export type ByteSource = ReturnType<typeof byteSource>;

/** Reads chunks in pieces of any requested size. */
export function byteSource(chunks: AsyncIterable<Uint8Array>) {
  const iterator = chunks[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  let taken = 0;

  return {
    /** Number of bytes taken, without those that were put back. */
    get taken(): number {
      return taken;
    },

    /** Takes the next bytes; fewer only at the end. */
    async take(bytes: number): Promise<Buffer> {
      const parts: Buffer[] = [];
      let missing = bytes;
      while (missing > 0) {
        if (held.length === 0) {
          const { done, value } = await iterator.next();
          if (done) break;
          held = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
        }
        const part = held.subarray(0, missing);
        held = held.subarray(part.length);
        missing -= part.length;
        if (part.length > 0) parts.push(part);
      }
      taken += bytes - missing;
      return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    },

    /** Puts back the bytes that were taken last. */
    putBack(bytes: Buffer): void {
      if (bytes.length === 0) return;
      held = Buffer.concat([bytes, held]);
      taken -= bytes.length;
    },

    async close(): Promise<void> {
      await iterator.return?.();
    },
  };
}
