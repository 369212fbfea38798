import { createHash } from 'node:crypto';
import type { ApiRequest } from './request.ts';
import type { ApiResponse } from './responses.ts';

/** Whether an If-None-Match header has this ETag (source: RFC 9110, section 13.1.2, which compares weakly). */
export const hasEtag = (ifNoneMatch: string | undefined, etag: string): boolean =>
  (ifNoneMatch ?? '').split(',').some((value) => value.trim() === '*' || isSameEtag(value.trim(), etag));

const isSameEtag = (one: string, other: string): boolean =>
  one.replace(/^W\//, '') === other.replace(/^W\//, '');

/**
 * Adds the ETag of its body to a successful response, or replaces the response by 304 if the client has this body (source: RFC 9110, section
 * 15.4.5). Caches of a browser may keep the body, but must ask each time; other caches must not keep it.
 */
export function conditional({ header }: Pick<ApiRequest, 'header'>, response: ApiResponse): ApiResponse {
  if (response.status !== 200) return response;
  const hash = createHash('sha256').update(JSON.stringify(response.body)).digest('base64url').slice(0, 22);
  // Weak, because API Gateway may compress the body.
  const etag = `W/"${hash}"`;
  const headers = { ...response.headers, ETag: etag, 'Cache-Control': 'private, no-cache' };
  if (!hasEtag(header('if-none-match'), etag)) return { ...response, headers };
  return { status: 304, body: '', headers: { ...headers, 'Content-Type': 'application/json' } };
}
