import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';

type Target = { api: string; token: string };
/** What the API answered to all requests of a soak. */
export type Answers = {
  accepted: number;
  /** Requests that were sent again: throttled, refused for a while, or broken off. */
  repeated: Record<string, number>;
  /** What was neither: an answer that a valid import may not get. The first few. */
  refused: string[];
};

/** How often an import is asked for before it counts as refused, and how long a client waits in between. */
const TRIES_MAX = 20;
const PAUSE_MS = 250;
/** Longer than any function may run. */
const REQUEST_TIMEOUT_MS = 30_000;
const REFUSED_TOLD_MAX = 10;

/**
 * Asks for imports as a migration's pipeline does: so many at a time, each connection kept, and again where the answer says
 * that the failure passes. `requestOf` answers the n-th import's body; `isOver` ends it early.
 */
export async function postImports(
  { api, token }: Target,
  { imports, connections }: { imports: number; connections: number },
  requestOf: (number: number) => string,
  onAccepted: (accepted: number) => void,
  isOver: () => boolean,
): Promise<Answers> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const answers: Answers = { accepted: 0, repeated: {}, refused: [] };
  let next = 0;
  const connection = async (): Promise<void> => {
    while (next < imports && !isOver()) {
      const body = requestOf(next++);
      const refused = await postUntilAnswered(() => post(agent, { api, token }, body), answers.repeated);
      if (refused === undefined) onAccepted(++answers.accepted);
      else if (answers.refused.length < REFUSED_TOLD_MAX) answers.refused.push(refused);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  agent.destroy();
  return answers;
}

/** Has a supplier's exhausted imports tried again, as an operator does; answers how many. @throws where it cannot. */
export async function redrive({ api, token }: Target, supplier: string): Promise<number> {
  const response = await fetch(`${api}/v2/data-import/supply-points/${supplier}/redrive/`, {
    method: 'POST',
    headers: { Authorization: `Token ${token}` },
  });
  if (!response.ok) throw new Error(`The redrive was answered with ${response.status}.`);
  return ((await response.json()) as { redriven: number }).redriven;
}

/** Undefined: it was accepted. Otherwise what the last answer said. */
async function postUntilAnswered(
  send: () => Promise<{ status: number | string; body: string }>,
  repeated: Answers['repeated'],
): Promise<string | undefined> {
  for (let tried = 1; ; tried += 1) {
    const { status, body } = await send();
    if (status === 201) return undefined;
    // Of a request that was broken off nobody knows whether it was heard: the second one tells.
    if (tried > 1 && status === 400 && /already_imported|in_progress/.test(body)) return undefined;
    const passes = typeof status === 'string' || status === 429 || status >= 500;
    if (!passes || tried === TRIES_MAX) return `${status} ${body}`;
    repeated[status] = (repeated[status] ?? 0) + 1;
    await new Promise((done) => setTimeout(done, PAUSE_MS));
  }
}

/** A status, or the code of a connection's failure. */
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
    request(`${api}/v2/data-import/supply-points/`, { ...options, headers }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode!, body: answer }), failed);
    })
      .on('error', failed)
      .end(body);
  });
}
