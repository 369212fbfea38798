import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

/** The rejection of a request that a web page may have sent. */
export type RejectedRequest = { message: string };

/** The accepted host names. The host listens on 127.0.0.1 only. */
const OWN_NAMES = new Set(['127.0.0.1', 'localhost']);

/** Content types that any web page can post without a preflight request (source: Fetch standard, "CORS-safelisted request-header"). */
const FORM_TYPES = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'];

/**
 * Rejects requests that a foreign web page can make a browser on this machine send: those with another host name (DNS rebinding) and those
 * with a foreign Origin. Pipelines, curl and SDKs send no Origin.
 *
 * @param isOwnName whether the host also accepts this name, in lower case and without port
 * @returns undefined for an accepted request
 */
export function foreignRequest(
  { host = '', origin }: Pick<IncomingHttpHeaders, 'host' | 'origin'>,
  isOwnName: (name: string) => boolean = () => false,
): RejectedRequest | undefined {
  const name = nameOf(host);
  if (!OWN_NAMES.has(name) && !isOwnName(name))
    return { message: 'This host answers for 127.0.0.1 and localhost only.' };
  if (origin !== undefined && origin !== `http://${host}`)
    return { message: 'This host does not answer to pages of other origins.' };
  return undefined;
}

/**
 * Rejects posts that an HTML form can send. Signed requests with such a content type are accepted, because a form can neither set the header
 * Authorization nor presign a URL. No SDK sends multipart/form-data, which S3 accepts from forms with a policy.
 */
export function formPost(method: string, contentType = '', isSigned = false): RejectedRequest | undefined {
  const mediaType = contentType.split(';')[0]!.trim().toLowerCase();
  if (method !== 'POST' || !FORM_TYPES.includes(mediaType)) return undefined;
  if (isSigned && mediaType !== 'multipart/form-data') return undefined;
  return { message: 'This host takes no posts of forms.' };
}

/** Responds to a rejected request with 403 and a body in API Gateway's format. */
export function refuse(response: ServerResponse, { message }: RejectedRequest): void {
  const body = JSON.stringify({ message });
  response.writeHead(403, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  });
  response.end(body);
}

/** A Host header's name without its port, in lower case. */
export const nameOf = (host: string): string => host.replace(/:\d+$/, '').toLowerCase();
