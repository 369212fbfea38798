import { setTimeout as sleep } from 'node:timers/promises';
import { fillPath } from '../shared/api/fill-path.ts';
import type { ParametersOf, QueryOf, RequestOf, ResultOf } from '../shared/api/operation-types.ts';
import type { OperationName } from '../shared/api/operations.ts';
import { CliError } from './command.ts';
import type { CliEnvironment } from './environments.ts';

/** The method and path of each operation. The bundle has them in place of the table of operations, of which the rest would be useless in it. */
declare const ROUTES: Readonly<Record<OperationName, readonly [method: string, path: string]>>;

// biome-ignore lint/suspicious/noExplicitAny: bodies of different operations
export type Reply = { status: number; body: any; headers: Headers };

/** A request to an operation of the API. */
export type CallOptions<Name extends OperationName> = {
  parameters?: ParametersOf<Name>;
  query?: QueryOf<Name>;
  /** JSON as text is sent as it is. */
  body?: RequestOf<Name> | string;
};

const ATTEMPTS_MAX = 8;
const TIMEOUT_MS = 35_000;
/** Largest difference between this machine's clock and the service's that is not noted; longer than a response takes. */
const CLOCK_MS_MAX = 120_000;
/** The delay before the first repetition, which doubles; and the longest. */
const DELAY_MS = 250;
const DELAY_MS_MAX = 20_000;
/** Statuses after which a request is sent again: every operation may be repeated. */
const RETRIED = new Set([429, 500, 502, 503, 504]);

export type Service = ReturnType<typeof service>;

/**
 * Sends requests to a service. Requests are repeated after lost connections, 429 and 5xx, with a random delay or after `Retry-After`.
 */
export function service({ url, token }: CliEnvironment, { attemptsMax = ATTEMPTS_MAX } = {}) {
  const base = url.replace(/\/+$/, '');
  const host = new URL(base).host;

  let isClockChecked = false;
  /** Notes once that the clocks differ: windows that a user computes from this machine's time are then wrong. */
  function checkClock(date: string | null): void {
    const aheadMs = Date.now() - Date.parse(date ?? '');
    if (isClockChecked || !(Math.abs(aheadMs) > CLOCK_MS_MAX)) return;
    isClockChecked = true;
    const minutes = Math.round(Math.abs(aheadMs) / 60_000);
    process.stderr.write(
      `This machine’s clock is ${minutes} min ${aheadMs > 0 ? 'ahead of' : 'behind'} that of ${host}, which decides.\n`,
    );
  }

  async function once<Name extends OperationName>(
    operation: Name,
    { parameters, query, body }: CallOptions<Name>,
  ): Promise<Reply> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query ?? {}))
      if (value !== undefined) search.set(name, String(value));
    const [method, path] = ROUTES[operation];
    const response = await fetch(
      `${base}${fillPath(path, parameters)}${search.size > 0 ? `?${search}` : ''}`,
      {
        method,
        headers: {
          Authorization: `Token ${token}`,
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
        redirect: 'error',
      },
    );
    const text = await response.text();
    checkClock(response.headers.get('date'));
    try {
      return {
        status: response.status,
        body: text === '' ? undefined : JSON.parse(text),
        headers: response.headers,
      };
    } catch {
      return { status: response.status, body: { detail: text.slice(0, 200) }, headers: response.headers };
    }
  }

  return {
    host,
    /** Sends a request. @throws CliError if there is still no other answer than those that are repeated */
    async call<Name extends OperationName>(operation: Name, options: CallOptions<Name> = {}): Promise<Reply> {
      for (let attempt = 1; ; attempt += 1) {
        const outcome = await once(operation, options).catch((error: unknown) => error as Error);
        const isFinal = !(outcome instanceof Error) && !RETRIED.has(outcome.status);
        if (isFinal) return outcome;
        if (attempt >= attemptsMax) {
          if (!(outcome instanceof Error)) return outcome;
          throw new CliError(
            `${host} cannot be reached: ${reasonOf(outcome)}. It was tried ${attempt} times.`,
          );
        }
        await sleep(
          delayMs(attempt, outcome instanceof Error ? undefined : outcome.headers.get('retry-after')),
        );
      }
    },
    /** Sends a request and returns the body of a 2xx. @throws CliError with the response's reason */
    async get<Name extends OperationName>(
      operation: Name,
      options: CallOptions<Name> = {},
    ): Promise<ResultOf<Name>> {
      const reply = await this.call(operation, options);
      if (reply.status >= 200 && reply.status < 300) return reply.body;
      throw refused(reply, host);
    },
  };
}

/**
 * Returns the delay before a request is sent again, in ms: the server's if it names one, otherwise a random one.
 *
 * @param retryAfter the header's value: seconds, or a date (source: RFC 9110, section 10.2.3)
 * @param now epoch ms, from which the seconds to a date are counted
 */
export function delayMs(
  attempt: number,
  retryAfter: string | null | undefined,
  { random = Math.random, now = Date.now() }: { random?: () => number; now?: number } = {},
): number {
  const seconds = retryAfter ? secondsOf(retryAfter, now) : Number.NaN;
  // The server's time and up to a second more, because all waiting clients would otherwise come back together.
  if (seconds >= 0) return Math.min(seconds, 120) * 1000 + 1000 * random();
  return Math.min(DELAY_MS_MAX, DELAY_MS * 2 ** (attempt - 1)) * (0.5 + 0.5 * random());
}

function secondsOf(retryAfter: string, now: number): number {
  const seconds = Number(retryAfter);
  // A date that has passed means at once.
  return Number.isNaN(seconds) ? Math.max(0, (Date.parse(retryAfter) - now) / 1000) : seconds;
}

const reasonOf = (error: Error): string => {
  const { code, message } = (error.cause ?? error) as NodeJS.ErrnoException;
  return error.name === 'TimeoutError' ? `no response within ${TIMEOUT_MS / 1000} s` : (code ?? message);
};

/** The error for a response other than 2xx. */
export function refused({ status, body }: Reply, host: string): CliError {
  const detail = typeof body?.detail === 'string' ? body.detail : JSON.stringify(body);
  if (status === 401)
    return new CliError(`${host} does not accept the token: ${detail} Nothing was done.`, {
      next: 'supply-points login',
    });
  return new CliError(`${host} answered ${status}: ${detail}`);
}
