import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { UnreadableDrop } from './row.ts';

/**
 * How much is unpacked at a time, and no more until it is asked for: what a file grows to never stands in
 * memory.
 */
const UNPACKED_BYTES = 64 * 1024;

/**
 * Unpacks a gzip file, of one member or several.
 *
 * @throws UnreadableDrop where it is none, damaged, or cut off; what reading the chunks throws.
 */
export async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const unpacked = createGunzip({ chunkSize: UNPACKED_BYTES });
  // Its callback has nothing to add: what fails also ends the iteration below.
  pipeline(Readable.from(chunks), unpacked, () => {});
  let isEmpty = true;
  try {
    for await (const chunk of unpacked) {
      isEmpty = false;
      yield chunk;
    }
  } catch (error) {
    throw isZlibs(error) ? new UnreadableDrop(reason(error, isEmpty)) : error;
  }
}

const isZlibs = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'code' in error && /^Z_/.test(String(error.code));

function reason({ code }: NodeJS.ErrnoException, isEmpty: boolean): string {
  if (code === 'Z_BUF_ERROR') return 'The gzip file is cut off before its end.';
  return isEmpty ? 'The file is no gzip file.' : 'The gzip file is damaged.';
}
