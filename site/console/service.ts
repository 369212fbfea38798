import { fillPath } from '../../shared/api/fill-path.ts';
import type { ParametersOf, QueryOf, RequestOf, ResultOf } from '../../shared/api/operation-types.ts';
import type { OperationName } from '../../shared/api/operations.ts';

/** The method and path of each operation. build.ts puts them in place of the table of operations, of which the rest would be useless here. */
declare const ROUTES: Readonly<Record<OperationName, readonly [method: string, path: string]>>;

/** A request to an operation of the API. JSON as text is sent as it is. */
export type CallOptions<Name extends OperationName> = {
  parameters?: ParametersOf<Name>;
  query?: QueryOf<Name>;
  body?: RequestOf<Name> | string;
  etag?: string | undefined;
};

export type Reply<Name extends OperationName> = {
  status: number;
  body: ResultOf<Name>;
  etag: string | undefined;
  /** From `Retry-After`, in milliseconds. */
  retryAfterMs: number | undefined;
};

/** Why a request failed: what the service said, or that it cannot be reached (status 0). */
export class Failure extends Error {
  readonly status: number;
  readonly body: unknown;
  constructor(status: number, message: string, body?: unknown) {
    super(message);
    this.status = status;
    this.body = body;
  }
}

const TIMEOUT_MS = 30_000;
/** The page is at `console/` below the API, which may itself be below a stage's path. */
const BASE = new URL('..', location.href.split('#')[0]);

export type Service = ReturnType<typeof service>;

/** Sends requests with a token. `onRefused` is called when the service does not accept it, because it expired or was revoked. */
export function service(token: string, onRefused: () => void) {
  /** Sends a request. @throws Failure for every status but 2xx and 304 */
  async function call<Name extends OperationName>(
    operation: Name,
    { parameters, query = {}, body, etag }: CallOptions<Name> = {},
  ): Promise<Reply<Name>> {
    const [method, path] = ROUTES[operation];
    const url = new URL(fillPath(path, parameters).slice(1), BASE);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const response = await fetch(url, {
      method,
      headers: {
        Authorization: `Token ${token}`,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(etag !== undefined && { 'If-None-Match': etag }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      // Responses are kept in memory only.
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((error: Error) => {
      throw new Failure(0, error.name === 'TimeoutError' ? 'no answer' : 'not reachable');
    });
    const text = await response.text();
    const parsed = parse(text);
    if (response.status === 401) onRefused();
    if (!response.ok && response.status !== 304)
      throw new Failure(response.status, messageOf(response.status, parsed), parsed);
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    return {
      status: response.status,
      body: parsed as ResultOf<Name>,
      etag: response.headers.get('etag') ?? undefined,
      retryAfterMs: Number.isNaN(seconds) ? undefined : seconds * 1000,
    };
  }

  return {
    call,
    /** Sends a request and returns the body. @throws Failure */
    get: async <Name extends OperationName>(
      operation: Name,
      options: CallOptions<Name> = {},
    ): Promise<ResultOf<Name>> => (await call(operation, options)).body,
  };
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return { detail: text.slice(0, 200) };
  }
}

function messageOf(status: number, body: unknown): string {
  const { detail } = (body ?? {}) as { detail?: unknown };
  return typeof detail === 'string' ? detail : `The service answered ${status}: ${JSON.stringify(body)}`;
}

/** Whether the service is gone or overloaded, rather than that it refuses the request. */
export const isOutage = (error: unknown): error is Failure =>
  error instanceof Failure && (error.status === 0 || error.status === 429 || error.status >= 500);

/** The message of a failure, for people. */
export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
