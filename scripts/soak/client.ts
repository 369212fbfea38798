import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { pathOf } from '../../shared/api/operations.ts';
import { mapConcurrently } from '../../shared/map-concurrently.ts';

type Target = { api: string; token: string };
/** The API's responses to all requests of a soak. */
export type PostResults = {
  accepted: number;
  /** Retried requests by status or error code: throttled, temporarily failed, or interrupted. */
  retried: Record<string, number>;
  /** The first other responses, which a valid import must not get. */
  rejected: string[];
};

/** The number of attempts for each import, and the pause between them. */
const ATTEMPTS_MAX = 20;
const PAUSE_MS = 250;
/** Longer than any function's timeout. */
const REQUEST_TIMEOUT_MS = 30_000;
const REJECTED_SHOWN_MAX = 10;

/**
 * Sends create requests as a migration pipeline does: concurrently, over kept connections, with retries of transient errors.
 * `requestBody` returns the n-th import's body. Stops early when `isTimeUp` returns true.
 */
export async function postImports(
  { api, token }: Target,
  { imports, connections }: { imports: number; connections: number },
  requestBody: (number: number) => string,
  onAccepted: (accepted: number) => void,
  isTimeUp: () => boolean,
): Promise<PostResults> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const posts: PostResults = { accepted: 0, retried: {}, rejected: [] };
  const numbers = Array.from({ length: imports }, (_, number) => number);
  await mapConcurrently(numbers, connections, async (number) => {
    if (isTimeUp()) return;
    const body = requestBody(number);
    const rejected = await postWithRetries(() => post(agent, { api, token }, body), posts.retried);
    if (rejected === undefined) onAccepted(++posts.accepted);
    else if (posts.rejected.length < REJECTED_SHOWN_MAX) posts.rejected.push(rejected);
  });
  agent.destroy();
  return posts;
}

/** Redrives a supplier's failed imports. Returns their number. @throws if the request fails */
export async function redrive({ api, token }: Target, supplier: string): Promise<number> {
  const response = await fetch(`${api}${pathOf('redrive', { supplier })}`, {
    method: 'POST',
    headers: { Authorization: `Token ${token}` },
  });
  if (!response.ok) throw new Error(`The redrive failed with status ${response.status}.`);
  return ((await response.json()) as { redriven: number }).redriven;
}

/** Sends a request until it is accepted, and then returns undefined; otherwise the last response. */
async function postWithRetries(
  send: () => Promise<{ status: number | string; body: string }>,
  retried: PostResults['retried'],
): Promise<string | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const { status, body } = await send();
    if (status === 201) return undefined;
    // An interrupted request may have been carried out: then its retry finds the import.
    if (attempt > 1 && status === 400 && /already_imported|in_progress/.test(body)) return undefined;
    const isTransient = typeof status === 'string' || status === 429 || status >= 500;
    if (!isTransient || attempt === ATTEMPTS_MAX) return `${status} ${body}`;
    retried[status] = (retried[status] ?? 0) + 1;
    await new Promise((done) => setTimeout(done, PAUSE_MS));
  }
}

/** Sends a request. Returns the status, or the error code of a failed connection. */
function post(
  agent: Agent,
  { api, token }: Target,
  body: string,
): Promise<{ status: number | string; body: string }> {
  return new Promise((resolve) => {
    const options = { agent, method: 'POST', signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) };
    const headers = {
      Authorization: `Token ${token}`,
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
    };
    const failed = (error: NodeJS.ErrnoException) =>
      resolve({ status: error.code ?? error.name, body: error.message });
    request(`${api}${pathOf('create')}`, { ...options, headers }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode!, body: answer }), failed);
    })
      .on('error', failed)
      .end(body);
  });
}
