const KEY = 'supply-points-token';

/**
 * Returns the token of this tab, or undefined. One in the address' fragment (`#token=…`, as `npm start` prints it) is moved to the tab's
 * storage: browsers send fragments to no server, and the address bar and history do not keep it.
 */
export function storedToken(): string | undefined {
  const inAddress = /^#token=([^&]+)$/.exec(location.hash)?.[1];
  if (inAddress !== undefined) {
    keepToken(decodeURIComponent(inAddress));
    history.replaceState(null, '', '#/');
  }
  return sessionStorage.getItem(KEY) ?? undefined;
}

/** Keeps a token until the tab is closed. */
export const keepToken = (token: string): void => sessionStorage.setItem(KEY, token);

export const forgetToken = (): void => sessionStorage.removeItem(KEY);
