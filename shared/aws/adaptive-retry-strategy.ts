import { type RateLimiter, StandardRetryStrategy } from '@smithy/core/retry';
import type { RetryErrorInfo, StandardRetryToken } from '@smithy/types';

/** Maximum delay before the first retry, and before any retry. */
const RETRY_DELAY_MS_FIRST = 100;
const RETRY_DELAY_MS_MAX = 5_000;

/** Factor of the rate when requests are throttled. */
const DECREASE = 0.9;
/** Throttling lowers the rate once in this time, because requests that are already sent still have the old rate. */
const DECREASE_INTERVAL_MS = 500;
/** Time in which the rate rises again to the rate that was throttled. */
const RECOVERY_MS = 1_000;
/** Time constant of the average rate of successful requests. */
const AVERAGE_MS = 1_000;
/** A delayed timer may send the requests of this time at once. */
const BURST_MS = 50;
/** Lowest rate, in requests per second. */
const RATE_MIN = 5;

/**
 * A retry strategy that adapts a client's request rate to a service that throttles it. It works as the SDK's adaptive mode (source: AWS SDKs
 * reference, "Retry behavior"), with three differences. With the SDK's mode two readers used 61 % of a limit of 300 units.
 * - The rate limiter is {@link rateLimiter}.
 * - The delays before retries are short: random, at most 0.1 seconds before the first retry, then doubling to at most five seconds. The
 *   limiter delays retries further.
 * - Throttled requests do not use up the SDK's retry quota, which is 100 of them. Two attempts of each of a reader's 48 concurrent requests
 *   would exceed it, and the part would fail.
 */
export class AdaptiveRetryStrategy extends StandardRetryStrategy {
  readonly #limiter = rateLimiter();

  constructor(maxAttempts: number) {
    const computeNextBackoffDelay = (retries: number) =>
      Math.random() * Math.min(RETRY_DELAY_MS_FIRST * 2 ** retries, RETRY_DELAY_MS_MAX);
    super({ maxAttempts, backoff: { setDelayBase() {}, computeNextBackoffDelay } });
  }

  override async acquireInitialRetryToken(scope: string): Promise<StandardRetryToken> {
    await this.#limiter.getSendToken();
    return super.acquireInitialRetryToken(scope);
  }

  override async refreshRetryTokenForRetry(
    token: StandardRetryToken,
    error: RetryErrorInfo,
  ): Promise<StandardRetryToken> {
    this.#limiter.updateClientSendingRate(error);
    const next = await super.refreshRetryTokenForRetry(token, error);
    // Returns the token's cost to the quota.
    if (error.errorType === 'THROTTLING') super.recordSuccess(next);
    await this.#limiter.getSendToken();
    return next;
  }

  override recordSuccess(token: StandardRetryToken): void {
    this.#limiter.updateClientSendingRate({});
    super.recordSuccess(token);
  }
}

/**
 * Limits the rate of requests to what a throttling service accepts. Before the first throttled request there is no limit. Throttling
 * lowers the rate to 90 % of the rate of successful requests. Then the rate rises again as in TCP CUBIC (source: RFC 9438, "Window
 * Increase Function"): to its former value in a second, flat around it, and ever faster beyond it. The rise is relative to the rate, so
 * it takes as long for any limit.
 *
 * The SDK's limiter instead lowers the rate at each throttled response. A burst of some 50 responses brings it to almost zero, and because
 * it allows at most twice the measured rate, it needs about seven seconds to recover.
 */
export function rateLimiter(): RateLimiter {
  /** In requests per second. */
  let rate = Number.POSITIVE_INFINITY;
  let throttledRate: number | undefined;
  let decreasedAt = Number.NEGATIVE_INFINITY;
  const succeeded = averageRate();
  let tokens = 0;
  let tokensAt = 0;
  const waiting: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;

  const release = (): void => {
    const now = performance.now();
    const tokensMax = Math.max(1, (rate * BURST_MS) / 1000);
    tokens = Math.min(tokensMax, tokens + ((now - tokensAt) / 1000) * rate);
    tokensAt = now;
    for (; waiting.length > 0 && tokens >= 1; tokens -= 1) waiting.shift()!();
    timer = waiting.length === 0 ? undefined : setTimeout(release, Math.ceil(((1 - tokens) / rate) * 1000));
  };

  return {
    async getSendToken() {
      if (throttledRate === undefined) return;
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (timer === undefined) release();
      });
    },

    /** `errorType`: the type of the error of a failed attempt; undefined after a success. */
    updateClientSendingRate({ errorType }: { errorType?: string }) {
      const now = performance.now();
      if (errorType === undefined) {
        succeeded.add(now);
        if (throttledRate !== undefined) rate = throttledRate * growth(now - decreasedAt);
      } else if (errorType === 'THROTTLING' && now - decreasedAt >= DECREASE_INTERVAL_MS) {
        throttledRate = Math.max(RATE_MIN, Math.min(rate, succeeded.at(now)));
        rate = throttledRate * growth(0);
        decreasedAt = now;
      }
    },
  };
}

/** The rate at a time after a decrease, divided by the rate before it: 0.9 at once, 1 after the recovery time, 1.1 after twice that time. */
const growth = (afterMs: number): number => 1 + (1 - DECREASE) * (afterMs / RECOVERY_MS - 1) ** 3;

/** Returns an exponentially weighted average of events per second. Times are in ms. */
function averageRate() {
  let average = 0;
  let averagedAt = Number.NEGATIVE_INFINITY;
  const at = (now: number): number => average * Math.exp((averagedAt - now) / AVERAGE_MS);
  return {
    at,
    add(now: number): void {
      average = at(now) + 1000 / AVERAGE_MS;
      averagedAt = now;
    },
  };
}
