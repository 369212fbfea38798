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

/** Thrown when a dropped object was deleted or replaced by another version. */
export class DropReplaced extends Error {
  override name = 'DropReplaced';
}

/** Bytes per request beyond a range's end, to complete its last line. */
const BEYOND_BYTES = 64 * 1024;

export type ObjectStore = ReturnType<typeof objectStore>;

/** The bucket of drops and reports. */
export function objectStore(client: S3Client) {
  /** @throws DropReplaced if the object has another ETag. The response is checked too, because some S3-compatible stores ignore If-Match. */
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
    // Set explicitly, because the SDK warns about an empty body without a length.
    const ContentLength = Buffer.byteLength(body);
    const object = { Bucket: bucket, Key: key, Body: body, ContentLength, ContentType: contentType };
    await client.send(new PutObjectCommand(object));
  };

  return {
    /** Returns an object's current version and its size in bytes; undefined if it does not exist. */
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

    /** Reads the whole object in chunks. @throws DropReplaced */
    async *whole(source: DropSource): AsyncGenerator<Uint8Array> {
      yield* await get(source);
    },

    /** Reads the object from `from`: first up to `to` (exclusive) in one request, then further in small requests on demand. @throws DropReplaced */
    async *from(source: DropSource, from: number, to: number, sizeBytes: number): AsyncGenerator<Uint8Array> {
      let at = from;
      let until = Math.min(to, sizeBytes);
      while (at < sizeBytes) {
        yield* await get(source, `bytes=${at}-${until - 1}`);
        at = until;
        until = Math.min(at + BEYOND_BYTES, sizeBytes);
      }
    },

    /** Reads a small object written by this service. */
    async text(bucket: string, key: string): Promise<string> {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return Body!.transformToString();
    },

    /** Reads the lines of an object written by this service, of any size. */
    async *lines(bucket: string, key: string): AsyncGenerator<string> {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      yield* createInterface({ input: Body as Readable, crlfDelay: Number.POSITIVE_INFINITY });
    },

    /**
     * Reads the lines of an object written by this service from a byte on. The line that begins there, or the rest of one that does not, may be
     * empty. Yields nothing if the object has fewer bytes, or does not exist.
     */
    async *linesFrom(bucket: string, key: string, from: number): AsyncGenerator<string> {
      try {
        const Range = from === 0 ? undefined : `bytes=${from}-`;
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range }));
        yield* createInterface({ input: Body as Readable, crlfDelay: Number.POSITIVE_INFINITY });
      } catch (error) {
        if (!(error instanceof NoSuchKey) && (error as Error).name !== 'InvalidRange') throw error;
      }
    },

    put,

    /** Streams an object of any size: a small one in one request, a large one as a multipart upload. */
    async putStream(bucket: string, key: string, body: Readable, contentType: string): Promise<void> {
      const chunks = body.iterator();
      const first = await chunks.next();
      // The SDK warns about an empty stream.
      if (first.done === true) return put(bucket, key, '', contentType);
      const Body = Readable.from(continued(first.value, chunks), { objectMode: false });
      const params = { Bucket: bucket, Key: key, Body, ContentType: contentType };
      // The bucket's lifecycle rule removes the parts of incomplete uploads.
      await new Upload({ client, params, leavePartsOnError: true }).done();
    },
  };
}

async function* continued<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}

const unquoted = (etag: string): string => etag.replace(/^"|"$/g, '');
