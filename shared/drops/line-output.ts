import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { ObjectStore } from './objects.ts';

export type LineOutput = ReturnType<typeof lineOutput>;

/** Streams lines to an object of any size as they come, in constant memory. Without a line no object is written. */
export function lineOutput(objects: ObjectStore, bucket: string, key: string) {
  let opened: { stream: PassThrough; uploaded: Promise<void> } | undefined;
  const open = () => {
    const stream = new PassThrough();
    const uploaded = objects.putStream(bucket, key, stream, 'application/x-ndjson');
    // A failed upload is thrown by `write` or `close`; until then it must not end the process.
    uploaded.catch(() => {});
    return { stream, uploaded };
  };

  return {
    async write(line: string): Promise<void> {
      opened ??= open();
      const { stream, uploaded } = opened;
      if (!stream.write(line)) await Promise.race([once(stream, 'drain'), uploaded]);
    },
    /** Waits until the object is written. False: there was no line. */
    async close(): Promise<boolean> {
      opened?.stream.end();
      await opened?.uploaded;
      return opened !== undefined;
    },
    /** Writes no object. */
    abort(): void {
      opened?.stream.destroy(new Error('The output was abandoned.'));
    },
  };
}
