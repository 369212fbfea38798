import { useEffect, useState } from 'preact/hooks';

/** The address of a view: `#/TEST_SUPPLIER/imports?status=ERRORED`. It is in the fragment, so that one file serves every address. */
export type Route = { path: readonly string[]; query: URLSearchParams };

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  return { path: path.split('/').filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(query) };
}

/** Returns a link to a view. Undefined and empty parameters are left out. */
export function linkTo(
  path: readonly string[],
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') search.set(name, value);
  return `#/${path.map(encodeURIComponent).join('/')}${search.size > 0 ? `?${search}` : ''}`;
}

/** Goes to a view, as a link would. */
export const goTo = (...to: Parameters<typeof linkTo>): void => {
  location.hash = linkTo(...to);
};

/** Replaces the view's address, for a change that "back" should not return to. */
export function replaceRoute(...to: Parameters<typeof linkTo>): void {
  history.replaceState(null, '', linkTo(...to));
  dispatchEvent(new HashChangeEvent('hashchange'));
}

/** The present route. */
export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = () => setHash(location.hash);
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return parseRoute(hash);
}
