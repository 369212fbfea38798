import { setImmediate as macrotask } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapConcurrently } from '../shared/map-concurrently.ts';

describe('mapConcurrently', () => {
  it('returns all results in order, and never exceeds its concurrency', async () => {
    const delays = fc.array(fc.nat(3), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(delays, fc.integer({ min: 1, max: 8 }), async (items, concurrencyMax) => {
        let running = 0;
        let runningMax = 0;
        const results = await mapConcurrently(
          [...items.entries()],
          concurrencyMax,
          async ([index, delay]) => {
            running += 1;
            runningMax = Math.max(runningMax, running);
            for (let turn = 0; turn < delay; turn += 1) await macrotask();
            running -= 1;
            return index;
          },
        );
        expect(results).toEqual([...items.keys()]);
        expect(runningMax).toBeLessThanOrEqual(concurrencyMax);
      }),
    );
  });

  it('uses its whole concurrency', async () => {
    let running = 0;
    let release = () => {};
    const released = new Promise<void>((done) => {
      release = done;
    });
    // The calls wait for each other: with fewer than four at a time they would never end.
    await mapConcurrently([1, 2, 3, 4], 4, async () => {
      running += 1;
      if (running === 4) release();
      await released;
    });
    expect(running).toBe(4);
  });

  it('rejects with the error of a failed call', async () => {
    const fails = mapConcurrently([1, 2, 3], 2, async (item) => {
      if (item === 2) throw new Error('two');
    });
    await expect(fails).rejects.toThrow('two');
  });
});
