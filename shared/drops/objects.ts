import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import {
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { type DropSource, dropSource } from './drop.ts';

/** Thrown when a dropped object is not there any more, or is not the version that was to be read. */
export class DropReplaced extends Error {
  override name = 'DropReplaced';
}

/** How much is read at a time beyond a range, to finish its last line. */
const BEYOND_BYTES = 64 * 1024;

export type ObjectStore = ReturnType<typeof objectStore>;

/** The bucket of drops and reports. */
export function objectStore(client: S3Client) {
  /** @throws DropReplaced where the object has another ETag: some stores ignore If-Match, so the answer is looked at too. */
  const get = async (source: DropSource, range?: string): Promise<Readable> => {
    try {
      const { Body, ETag } = await client.send(
        new GetObjectCommand({
          Bucket: source.bucket,
          Key: source.key,
          IfMatch: `"${source.etag}"`,
          Range: range,
        }),
      );
      if (ETag !== undefined && unquoted(ETag) !== source.etag) throw new DropReplaced();
      return Body as Readable;
    } catch (error) {
      const isGone = error instanceof NoSuchKey || (error as Error).name === 'PreconditionFailed';
      throw isGone ? new DropReplaced() : error;
    }
  };

  const put = async (bucket: string, key: string, body: string, contentType: string): Promise<void> => {
    // Said, because of an empty body the SDK would warn that it has no length.
    const ContentLength = Buffer.byteLength(body);
    const object = { Bucket: bucket, Key: key, Body: body, ContentLength, ContentType: contentType };
    await client.send(new PutObjectCommand(object));
  };

  return {
    /** An object as it now is, and its size (bytes). Undefined: it is not there. */
    async head(bucket: string, key: string): Promise<{ source: DropSource; sizeBytes: number } | undefined> {
      try {
        const found = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
        const source = dropSource(bucket, key, unquoted(found.ETag ?? ''), found.LastModified ?? new Date(0));
        return { source, sizeBytes: found.ContentLength ?? 0 };
      } catch (error) {
        if (error instanceof NotFound || error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },

    /** The whole object, in chunks. @throws DropReplaced */
    async *whole(source: DropSource): AsyncGenerator<Uint8Array> {
      yield* await get(source);
    },

    /** The object's bytes from `from` on: first those before `to` (exclusive), then more in small reads, as they are asked for. @throws DropReplaced */
    async *from(source: DropSource, from: number, to: number, sizeBytes: number): AsyncGenerator<Uint8Array> {
      let at = from;
      let until = Math.min(to, sizeBytes);
      while (at < sizeBytes) {
        yield* await get(source, `bytes=${at}-${until - 1}`);
        at = until;
        until = Math.min(at + BEYOND_BYTES, sizeBytes);
      }
    },

    /** A small object of ours, whole. */
    async text(bucket: string, key: string): Promise<string> {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return Body!.transformToString();
    },

    /** The lines of an object of ours, of any size. */
    async *lines(bucket: string, key: string): AsyncGenerator<string> {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      yield* createInterface({ input: Body as Readable, crlfDelay: Number.POSITIVE_INFINITY });
    },

    put,

    /** Writes an object of any size as it is made: in one request where it is small. */
    async putStream(bucket: string, key: string, body: Readable, contentType: string): Promise<void> {
      const chunks = body.iterator();
      const first = await chunks.next();
      // The SDK warns of a stream that turns out to be empty.
      if (first.done === true) return put(bucket, key, '', contentType);
      const Body = Readable.from(continued(first.value, chunks), { objectMode: false });
      const params = { Bucket: bucket, Key: key, Body, ContentType: contentType };
      // What was not uploaded to its end goes by the bucket's lifecycle.
      await new Upload({ client, params, leavePartsOnError: true }).done();
    },
  };
}

async function* continued<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}

const unquoted = (etag: string): string => etag.replace(/^"|"$/g, '');
