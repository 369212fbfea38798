import { BadRequest } from '../access/guarded-server.ts';
import type { CallRequest } from '../iam/requested-access.ts';

/** A multipart upload of fauxqs' store. */
export type MultipartUpload = {
  bucket: string;
  key: string;
  parts: Map<number, { body: { length: number } }>;
};

/**
 * Refuses calls of a multipart upload that S3 refuses and fauxqs does not: under another key than the upload's, and the completion of an
 * object with another size than `x-amz-mp-object-size` (source: S3 API reference, CompleteMultipartUpload, MpuObjectSize).
 *
 * @throws BadRequest with S3's NoSuchUpload or InvalidRequest
 */
export function checkMultipart(
  { method, url, headers, body }: CallRequest,
  uploadOf: (id: string) => MultipartUpload | undefined,
): void {
  const [path = '', query = ''] = url.split('?', 2);
  const id = new URLSearchParams(query).get('uploadId');
  const upload = id === null ? undefined : uploadOf(id);
  if (upload === undefined) return;
  if (decodeURIComponent(path) !== `/${upload.bucket}/${upload.key}`) {
    throw new BadRequest('NoSuchUpload', 'The specified multipart upload does not exist.');
  }
  const expected = headers['x-amz-mp-object-size'];
  if (method !== 'POST' || expected === undefined) return;
  const numbers = [...body.toString('utf8').matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)];
  const bytes = numbers.reduce(
    (sum, [, part]) => sum + (upload.parts.get(Number(part))?.body.length ?? 0),
    0,
  );
  if (bytes === Number(expected)) return;
  throw new BadRequest(
    'InvalidRequest',
    `The provided 'x-amz-mp-object-size' header value ${expected} does not match what was computed: ${bytes}`,
  );
}
