export type BoundedBuffer = ReturnType<typeof boundedBuffer>;

/**
 * Holds bytes that come in parts, till they are taken. Of more than `bytesMax` nothing is held but their
 * number.
 */
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

    /** Undefined: they were too many. */
    take(): Buffer | undefined {
      const isOne = parts.length === 1;
      const taken = bytes > bytesMax ? undefined : isOne ? parts[0]! : Buffer.concat(parts);
      parts = [];
      bytes = 0;
      return taken;
    },
  };
}
