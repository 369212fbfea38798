import { expect, it } from 'vitest';
import { cachedRead } from '../../shared/aws/cached-read.ts';

const SECOND = 1000;

it('cachedRead reads each key once within the time to live', async () => {
  let now = 0;
  const reads: string[] = [];
  const read = async (key: string) => `${key}${reads.push(key)}`;
  const get = cachedRead(read, { ttlSeconds: 15, clock: () => now });
  expect([await get('A'), await get('A'), await get('B')]).toEqual(['A1', 'A1', 'B2']);
  now = 15 * SECOND - 1;
  expect(await get('A')).toBe('A1');
  now = 15 * SECOND;
  expect(await get('A')).toBe('A3');
  expect(await get('B')).toBe('B4');
});

it('cachedRead caches that there is nothing', async () => {
  let reads = 0;
  const read = async () => {
    reads += 1;
    return undefined;
  };
  const get = cachedRead(read, { ttlSeconds: 15, clock: () => 0 });
  expect([await get('A'), await get('A')]).toEqual([undefined, undefined]);
  expect(reads).toBe(1);
});

it('cachedRead does not cache a failure', async () => {
  let reads = 0;
  const read = async () => {
    reads += 1;
    if (reads === 1) throw new Error('throttled');
    return 'value';
  };
  const get = cachedRead(read, { ttlSeconds: 15, clock: () => 0 });
  await expect(get('A')).rejects.toThrow('throttled');
  expect(await get('A')).toBe('value');
});
