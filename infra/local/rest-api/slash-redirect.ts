import type { ProxyAnswer } from './proxy.ts';
import type { Match } from './routes.ts';

/**
 * What Django answers to a path of a route that lacks its last slash: 301 to the path with it, for every method and before anybody
 * asks who calls (source: Django, `CommonMiddleware` with `APPEND_SLASH`; that it fails for POST, PUT, PATCH and DELETE is only so in
 * its debug mode). Most clients follow a 301 to POST with GET, and lose the body. Undefined for all other paths.
 *
 * @param url the request's target as it was sent, whose query is kept
 */
export function slashRedirect(
  url: string,
  path: string,
  match: Match | undefined,
  requestId: string,
): ProxyAnswer | undefined {
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

/** A resource with nothing but ANY only says that there is no such path. */
const isRoute = ({ node }: Match): boolean => [...node.methods.keys()].some((method) => method !== 'ANY');
