import { BadRequest } from '../access/guarded-server.ts';
import { nameOf } from '../access/web-requests.ts';
import type { CallRequest } from '../iam/requested-access.ts';

/** The suffix of host names in virtual-hosted requests: `my-bucket.localhost`. */
const HOST_SUFFIX = '.localhost';
/** Headers with the path of another object. */
const SOURCES = ['x-amz-copy-source', 'x-amz-rename-source'];

/** Returns the bucket of a virtual-hosted host name; undefined if there is no such bucket. */
export function bucketOfHost(name: string, isBucket: (bucket: string) => boolean): string | undefined {
  if (!name.endsWith(HOST_SUFFIX)) return undefined;
  const bucket = name.slice(0, -HOST_SUFFIX.length);
  return isBucket(bucket) ? bucket : undefined;
}

/** Returns the bucket of a request, by its host name or the first segment of its path. */
export function bucketOf(
  { url, headers }: Pick<CallRequest, 'url' | 'headers'>,
  isBucket: (bucket: string) => boolean,
): string {
  return bucketOfHost(nameOf(headers.host ?? ''), isBucket) ?? /^\/([^/?]*)/.exec(url)?.[1] ?? '';
}

/** Converts a virtual-hosted request to path style, in which the policies are checked. */
export function asPathStyle(request: CallRequest, bucket: string | undefined): CallRequest {
  if (bucket === undefined) return request;
  return { ...request, url: `/${bucket}${request.url}`, headers: { ...request.headers, host: 'localhost' } };
}

/**
 * Rejects keys that lead out of their bucket, such as `drops/../../other`: in the path, in the source of a copy, and in a request to delete
 * several objects.
 *
 * @throws BadRequest with S3's InvalidURI
 */
export function rejectPathTraversal({ url, headers, body, method }: CallRequest): void {
  const [, bucket = '', ...key] = decoded(url.split('?', 1)[0]!).split('/');
  rejectTraversalIn([bucket]);
  rejectTraversalIn(key);
  for (const name of SOURCES) {
    const source = decoded(String(headers[name] ?? ''))
      .replace(/^\//, '')
      .split('/');
    rejectTraversalIn(name === 'x-amz-copy-source' ? source.slice(1) : source);
  }
  if (method !== 'POST') return;
  for (const [, deleted = ''] of body.toString('utf8').matchAll(/<Key>([\s\S]*?)<\/Key>/g))
    rejectTraversalIn(deleted.split('/'));
}

function rejectTraversalIn(segments: readonly string[]): void {
  let depth = 0;
  for (const segment of segments) {
    if (segment === '..') depth -= 1;
    else if (segment !== '.' && segment !== '') depth += 1;
    if (depth < 0) throw new BadRequest('InvalidURI', "Couldn't parse the specified URI.");
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new BadRequest('InvalidURI', "Couldn't parse the specified URI.");
  }
}
