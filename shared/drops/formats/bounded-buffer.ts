export type BoundedBuffer = ReturnType<typeof boundedBuffer>;

/** Collects bytes. Above `bytesMax` it discards them and only counts. */
export function boundedBuffer(bytesMax: number) {
  let parts: Buffer[] = [];
  let bytes = 0;
  return {
    get bytes(): number {
      return bytes;
    },

    add(part: Buffer): void {
      bytes += part.length;
      if (bytes > bytesMax) parts = [];
      else if (part.length > 0) parts.push(part);
    },

    /** Returns the bytes and clears the buffer. Returns undefined if there were more than `bytesMax`. */
    take(): Buffer | undefined {
      const isOne = parts.length === 1;
      const taken = bytes > bytesMax ? undefined : isOne ? parts[0]! : Buffer.concat(parts);
      parts = [];
      bytes = 0;
      return taken;
    },
  };
}
