import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { ObjectStore } from '../objects.ts';

export type LineOutput = ReturnType<typeof lineOutput>;

/** Streams lines to an object of any size in constant memory. Writes no object if there are no lines. */
export function lineOutput(objects: ObjectStore, bucket: string, key: string) {
  let opened: { stream: PassThrough; uploaded: Promise<void> } | undefined;
  const open = () => {
    const stream = new PassThrough();
    const uploaded = objects.putStream(bucket, key, stream, 'application/x-ndjson');
    // `write` or `close` throws the error of a failed upload. Until then an unhandled rejection would end the process.
    uploaded.catch(() => {});
    return { stream, uploaded };
  };

  return {
    async write(line: string): Promise<void> {
      opened ??= open();
      const { stream, uploaded } = opened;
      if (!stream.write(line)) await Promise.race([once(stream, 'drain'), uploaded]);
    },
    /** Waits until the object is written. Returns false if there were no lines. */
    async close(): Promise<boolean> {
      opened?.stream.end();
      await opened?.uploaded;
      return opened !== undefined;
    },
    /** Cancels the upload; no object is written. */
    abort(): void {
      opened?.stream.destroy(new Error('The output was abandoned.'));
    },
  };
}
