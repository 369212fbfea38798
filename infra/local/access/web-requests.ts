import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

/** Why a request is refused that a web page may have sent. */
export type WebRefusal = { message: string };

/** The names of this machine that the host answers for; it listens on 127.0.0.1 only. */
const OWN_NAMES = new Set(['127.0.0.1', 'localhost']);

/** The types that a form of any page can post without asking (source: Fetch standard, "CORS-safelisted request-header"). */
const FORM_TYPES = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'];

/**
 * Refuses what a web page of somebody else can make a browser on this machine send: requests for another host name (a name of the
 * attacker's that resolves to 127.0.0.1) and requests with an Origin that is not the address asked. Pipelines, curl and SDKs send
 * no Origin.
 *
 * @param isOwnName whether a further name, in lower case and without port, belongs to the host
 */
export function foreignRequest(
  { host = '', origin }: Pick<IncomingHttpHeaders, 'host' | 'origin'>,
  isOwnName: (name: string) => boolean = () => false,
): WebRefusal | undefined {
  const name = nameOf(host);
  if (!OWN_NAMES.has(name) && !isOwnName(name))
    return { message: 'This host answers for 127.0.0.1 and localhost only.' };
  if (origin !== undefined && origin !== `http://${host}`)
    return { message: 'This host does not answer to pages of other origins.' };
  return undefined;
}

/**
 * Refuses what a form can post. A form cannot set Authorization, so that an SDK which posts such a type is told apart; none posts
 * multipart/form-data, which S3 takes from forms with a policy in them.
 */
export function formPost(
  method: string,
  { 'content-type': type = '', authorization }: IncomingHttpHeaders,
): WebRefusal | undefined {
  const mediaType = type.split(';')[0]!.trim().toLowerCase();
  if (method !== 'POST' || !FORM_TYPES.includes(mediaType)) return undefined;
  if (authorization !== undefined && mediaType !== 'multipart/form-data') return undefined;
  return { message: 'This host takes no posts of forms.' };
}

/** Answers a refused request, with the body that API Gateway gives its refusals. */
export function refuse(response: ServerResponse, { message }: WebRefusal): void {
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
