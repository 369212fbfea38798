import type { ProxyResponse } from './proxy.ts';
import type { Match } from './routes.ts';

/**
 * Django's response to a route's path without the trailing slash: 301 to the path with the slash, for every method and before
 * authentication (source: Django, `CommonMiddleware` with `APPEND_SLASH`; only its debug mode fails for POST, PUT, PATCH and DELETE).
 * Most clients follow a 301 to POST with GET and lose the body. Returns undefined for all other paths.
 *
 * @param url the request target as sent; its query is kept
 */
export function slashRedirect(
  url: string,
  path: string,
  match: Match | undefined,
  requestId: string,
): ProxyResponse | undefined {
  if (path.endsWith('/') || match === undefined || !isRoute(match)) return undefined;
  const [, query] = /\?(.+)$/s.exec(url) ?? [];
  return {
    status: 301,
    headers: {
      location: query === undefined ? `${path}/` : `${path}/?${query}`,
      'content-type': 'text/html; charset=utf-8',
      vary: 'Accept',
      'x-content-type-options': 'nosniff',
      'x-kraken-correlation-id': requestId,
    },
    body: Buffer.alloc(0),
  };
}

/** Resources with only the method ANY lead to the fallback. They are no routes. */
const isRoute = ({ node }: Match): boolean => [...node.methods.keys()].some((method) => method !== 'ANY');
