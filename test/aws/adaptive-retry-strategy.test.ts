import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AdaptiveRetryStrategy, rateLimiter } from '../../shared/aws/adaptive-retry-strategy.ts';

// All times are those of a virtual clock.
beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const THROTTLED = { errorType: 'THROTTLING' as const };
const wait = (milliseconds: number) => new Promise<void>((done) => setTimeout(done, milliseconds));

/** A service with a token bucket of one second, as the local DynamoDB has. Responses take up to `latencyMs`. */
function throttlingService(requestsPerSecond: number, latencyMs: number) {
  let limit = requestsPerSecond;
  let tokens = limit;
  let at = performance.now();
  const served = { count: 0 };
  const take = (): boolean => {
    const now = performance.now();
    tokens = Math.min(limit, tokens + ((now - at) / 1000) * limit);
    at = now;
    const isServed = tokens >= 1;
    if (isServed) tokens -= 1;
    return isServed;
  };
  return {
    served,
    limitTo(requestsPerSecond: number) {
      limit = requestsPerSecond;
    },
    async request(): Promise<boolean> {
      const isServed = take();
      await wait(1 + Math.random() * latencyMs);
      if (isServed) served.count += 1;
      return isServed;
    },
  };
}

type Service = ReturnType<typeof throttlingService>;

/** Sends requests as a drop reader does: batches of 500 requests, a number of them at a time. Returns the count of failed requests. */
function startClient(service: Service, concurrency: number, until: number) {
  const strategy = new AdaptiveRetryStrategy(10);
  const failed = { count: 0 };
  const send = async (): Promise<void> => {
    let token = await strategy.acquireInitialRetryToken('');
    while (!(await service.request())) {
      token = await strategy.refreshRetryTokenForRetry(token, THROTTLED);
    }
    strategy.recordSuccess(token);
  };
  void (async () => {
    while (performance.now() < until) {
      let left = 500;
      const sendSome = async () => {
        for (; left > 0 && performance.now() < until; left -= 1)
          await send().catch(() => (failed.count += 1));
      };
      await Promise.all(Array.from({ length: concurrency }, sendSome));
    }
  })();
  return failed;
}

async function servedPerSecond(service: Service, seconds: number): Promise<number> {
  const before = service.served.count;
  await vi.advanceTimersByTimeAsync(seconds * 1000);
  return (service.served.count - before) / seconds;
}

const clients = fc.array(fc.constantFrom(10, 48), { minLength: 1, maxLength: 6 });
const limits = fc.integer({ min: 50, max: 400 });

describe('clients of a service that throttles', () => {
  it('together use its limit within 20 %, and lose no request', async () => {
    await fc.assert(
      fc.asyncProperty(clients, limits, fc.integer({ min: 1, max: 50 }), async (sizes, limit, latencyMs) => {
        const service = throttlingService(limit, latencyMs);
        const until = performance.now() + 15_000;
        const failures = sizes.map((concurrency) => startClient(service, concurrency, until));
        await servedPerSecond(service, 5);
        const rate = await servedPerSecond(service, 10);
        expect(rate / limit).toBeGreaterThan(0.8);
        expect(rate / limit).toBeLessThan(1.2);
        expect(failures.map(({ count }) => count)).toEqual(sizes.map(() => 0));
        await vi.runAllTimersAsync();
      }),
      { numRuns: 15 },
    );
  });

  it('follow a limit that falls to a third and rises again', async () => {
    await fc.assert(
      fc.asyncProperty(clients, fc.integer({ min: 100, max: 400 }), async (sizes, limit) => {
        const service = throttlingService(limit, 30);
        const until = performance.now() + 40_000;
        for (const concurrency of sizes) startClient(service, concurrency, until);
        await servedPerSecond(service, 5);
        for (const changed of [limit / 3, limit]) {
          service.limitTo(changed);
          await servedPerSecond(service, 7);
          const rate = await servedPerSecond(service, 8);
          expect(rate / changed).toBeGreaterThan(0.8);
          expect(rate / changed).toBeLessThan(1.2);
        }
        await vi.runAllTimersAsync();
      }),
      { numRuns: 4 },
    );
  });
});

it('a client may repeat all its concurrent requests several times', async () => {
  const strategy = new AdaptiveRetryStrategy(10);
  const sent = Array.from({ length: 48 }, async () => {
    let token = await strategy.acquireInitialRetryToken('');
    for (let retry = 0; retry < 5; retry += 1)
      token = await strategy.refreshRetryTokenForRetry(token, THROTTLED);
    strategy.recordSuccess(token);
  });
  const results = Promise.allSettled(sent);
  await vi.runAllTimersAsync();
  expect((await results).filter(({ status }) => status === 'rejected')).toEqual([]);
});

describe('the rate limiter', () => {
  /** Requests that it lets pass within a second, if there are always some waiting. */
  async function passedInASecond(limiter: ReturnType<typeof rateLimiter>): Promise<number> {
    let passed = 0;
    for (let sent = 0; sent < 1000; sent += 1) void limiter.getSendToken().then(() => (passed += 1));
    await vi.advanceTimersByTimeAsync(1000);
    return passed;
  }

  /** Reports successful requests at an even rate. */
  async function succeed(limiter: ReturnType<typeof rateLimiter>, perSecond: number, seconds: number) {
    for (let sent = 0; sent < perSecond * seconds; sent += 1) {
      await vi.advanceTimersByTimeAsync(1000 / perSecond);
      limiter.updateClientSendingRate({});
    }
  }

  it('has no limit before a request is throttled', async () => {
    expect(await passedInASecond(rateLimiter())).toBe(1000);
  });

  it('falls to 90 % of the successful requests, however many responses are throttled at once', async () => {
    const limiter = rateLimiter();
    await succeed(limiter, 100, 10);
    for (let response = 0; response < 48; response += 1) limiter.updateClientSendingRate(THROTTLED);
    const passed = await passedInASecond(limiter);
    expect(passed).toBeGreaterThanOrEqual(85);
    expect(passed).toBeLessThanOrEqual(95);
  });

  it('does not fall when requests fail for other reasons', async () => {
    const limiter = rateLimiter();
    await succeed(limiter, 100, 10);
    limiter.updateClientSendingRate({ errorType: 'TRANSIENT' });
    expect(await passedInASecond(limiter)).toBe(1000);
  });
});

describe('retries', () => {
  /** Returns how long the last of so many retries is delayed, in ms of the virtual clock. */
  async function delayOf(
    strategy: AdaptiveRetryStrategy,
    retries: number,
    errorType: 'THROTTLING' | 'TRANSIENT',
  ) {
    let token = await strategy.acquireInitialRetryToken('');
    let delay = 0;
    for (let retry = 0; retry < retries; retry += 1) {
      const from = performance.now();
      const refreshed = strategy.refreshRetryTokenForRetry(token, { errorType }).then((next) => {
        delay = performance.now() - from;
        return next;
      });
      [token] = await Promise.all([refreshed, vi.advanceTimersByTimeAsync(6000)]);
    }
    return delay;
  }

  it.each([
    [1, 100],
    [2, 200],
    [3, 400],
    [9, 5000],
  ])('number %i is delayed by a random time of up to %i ms', async (retries, milliseconds) => {
    const samples = Array.from({ length: 60 }, () =>
      delayOf(new AdaptiveRetryStrategy(20), retries, 'TRANSIENT'),
    );
    const delays = await Promise.all(samples);
    expect(Math.max(...delays)).toBeLessThanOrEqual(milliseconds);
    // One run in 10^18 has no sample in the upper half, and one in 10^18 none in the lower half.
    expect(Math.max(...delays)).toBeGreaterThan(milliseconds / 2);
    expect(Math.min(...delays)).toBeLessThan(milliseconds / 2);
  });

  it('use up the quota after other errors than throttling', async () => {
    const strategy = new AdaptiveRetryStrategy(2);
    const retryOften = async (errorType: 'THROTTLING' | 'TRANSIENT') => {
      for (let request = 0; request < 200; request += 1) await delayOf(strategy, 1, errorType);
    };
    await retryOften('THROTTLING');
    await expect(retryOften('TRANSIENT')).rejects.toThrow('No retry token available');
  });
});
