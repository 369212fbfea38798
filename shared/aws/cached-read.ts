/**
 * Caches the results of a read by their key, `undefined` included, for a time to live. Failed reads are not cached. Entries are
 * replaced, never removed, so the keys must be few.
 *
 * @param clock returns the time in epoch ms
 */
export function cachedRead<T>(
  read: (key: string) => Promise<T>,
  { ttlSeconds, clock }: { ttlSeconds: number; clock: () => number },
): (key: string) => Promise<T> {
  const cache = new Map<string, { value: T; expiresAt: number }>();
  return async (key) => {
    const entry = cache.get(key);
    if (entry !== undefined && clock() < entry.expiresAt) return entry.value;
    const value = await read(key);
    cache.set(key, { value, expiresAt: clock() + ttlSeconds * 1000 });
    return value;
  };
}
