import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { presign } from '../aws/presign.ts';
import { DROPS_PREFIX } from './drop.ts';

const MIB = 1024 * 1024;
/** Size of the largest file that is uploaded in one request, in bytes. */
export const SINGLE_UPLOAD_BYTES_MAX = 100 * MIB;
/** Parts are at least so large, and at most so many: their URLs must fit in one response. S3's limits are 5 MiB and 10,000. */
const PART_BYTES_MIN = 64 * MIB;
const PARTS_MAX = 400;
/** How long the URLs are valid. Several parts take longer than one request. */
const SINGLE_SECONDS = 15 * 60;
const PARTS_SECONDS = 60 * 60;

/** A request that the client is to send: its method, URL, and headers. */
export type PresignedRequest = {
  method: 'PUT' | 'POST' | 'DELETE';
  url: string;
  headers: Record<string, string>;
};

/** Presigned requests for an upload of one object. `expiresAt` is epoch ms. */
export type DropUpload = { key: string; expiresAt: number } & (
  | { upload: PresignedRequest }
  | {
      /** Each part's number, from 1, and its size. The answer to each has an ETag, which the completion lists. */
      parts: ({ number: number; bytes: number } & PresignedRequest)[];
      complete: PresignedRequest;
      abort: PresignedRequest;
    }
);

type Wanted = { importSupplier: string; name: string; bytes: number; contentType: string };

/**
 * Presigns the upload of a file to a supplier's folder, by the permissions of the caller's role. S3 accepts exactly this key, size and media
 * type. A large file is uploaded in parts; S3 completes it only with the whole size, and removes parts that are never completed (the
 * bucket's lifecycle rule).
 *
 * @throws the client's errors
 */
export function uploadDrop(client: S3Client, Bucket: string) {
  return async ({ importSupplier, name, bytes, contentType }: Wanted, now: number): Promise<DropUpload> => {
    const Key = `${DROPS_PREFIX}${importSupplier}/${name}`;
    const object = { Bucket, Key };
    if (bytes <= SINGLE_UPLOAD_BYTES_MAX) {
      const command = new PutObjectCommand({ ...object, ContentLength: bytes, ContentType: contentType });
      const signed = ['content-length', 'content-type'];
      const upload = await presign(client, command, { seconds: SINGLE_SECONDS, now, signed });
      return { key: Key, expiresAt: now + SINGLE_SECONDS * 1000, upload: { method: 'PUT', ...upload } };
    }
    const created = await client.send(
      new CreateMultipartUploadCommand({ ...object, ContentType: contentType }),
    );
    const options = { seconds: PARTS_SECONDS, now };
    const upload = { ...object, UploadId: created.UploadId };
    const complete = new CompleteMultipartUploadCommand({ ...upload, MpuObjectSize: bytes });
    const completeOptions = { ...options, signed: ['x-amz-mp-object-size'] };
    return {
      key: Key,
      expiresAt: now + PARTS_SECONDS * 1000,
      parts: await Promise.all(
        partsOf(bytes).map(async (part) => {
          const command = new UploadPartCommand({
            ...upload,
            PartNumber: part.number,
            ContentLength: part.bytes,
          });
          const presigned = await presign(client, command, { ...options, signed: ['content-length'] });
          return { ...part, method: 'PUT' as const, ...presigned };
        }),
      ),
      complete: { method: 'POST', ...(await presign(client, complete, completeOptions)) },
      abort: {
        method: 'DELETE',
        ...(await presign(client, new AbortMultipartUploadCommand(upload), options)),
      },
    };
  };
}

/** The parts of a file, all of the same size but the last. */
function partsOf(bytes: number): { number: number; bytes: number }[] {
  const size = Math.max(PART_BYTES_MIN, Math.ceil(bytes / PARTS_MAX));
  return Array.from({ length: Math.ceil(bytes / size) }, (_, index) => ({
    number: index + 1,
    bytes: Math.min(size, bytes - index * size),
  }));
}
