import { WrongUse } from '../command/command.ts';
import { SUPPLY_POINTS } from './check.ts';
import type { Given } from './given.ts';

/** A request of a check. `path` is below the service's URL. */
export type Request = {
  method: string;
  path: string;
  /** The whole Authorization header; absent: none is sent. */
  authorization?: string;
  /** What is sent as JSON. */
  json?: unknown;
  /** What is sent as it is. */
  text?: string;
  contentType?: string;
  /** The Accept header; absent: anything. */
  accept?: string;
};

/** What came back. `body` is undefined where it is no JSON. */
export type Found = { status: number; headers: Headers; body: unknown; text: string };

/** Longer than API Gateway waits for a function: 29 seconds. */
const ANSWER_TIMEOUT_MS = 35_000;

/** The service at a URL, which may end in a stage. */
export function serviceAt(url: string) {
  const base = url.replace(/\/+$/, '');
  return async ({
    method,
    path,
    authorization,
    json,
    text,
    contentType,
    accept,
  }: Request): Promise<Found> => {
    const body = json === undefined ? text : JSON.stringify(json);
    const type = contentType ?? (body === undefined ? undefined : 'application/json');
    const response = await fetch(`${base}${path}`, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      headers: {
        ...(authorization !== undefined && { Authorization: authorization }),
        ...(type !== undefined && { 'Content-Type': type }),
        ...(accept !== undefined && { Accept: accept }),
      },
      ...(body !== undefined && { body }),
    });
    const answered = await response.text();
    return { status: response.status, headers: response.headers, text: answered, body: parsed(answered) };
  };
}
export type Service = ReturnType<typeof serviceAt>;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @throws WrongUse where nothing answers at a URL. */
export async function mustAnswer(url: string, service: Service): Promise<void> {
  try {
    await service({ method: 'GET', path: '/' });
  } catch (error) {
    throw new WrongUse(`Nothing answers at ${url} (${whyNone(error as Error)}).`);
  }
}

/** Asks for an import that does not exist with each token. @throws WrongUse for a token that the service refuses */
export async function mustBeAccepted(
  { importer, viewer, supplier, identifier }: Given,
  service: Service,
): Promise<void> {
  const path = `${SUPPLY_POINTS}/${supplier}/${identifier.never}/`;
  for (const [option, authorization] of [
    ['--token or SMOKE_TOKEN', importer],
    ['--viewer-token or SMOKE_VIEWER_TOKEN', viewer],
  ]) {
    if (authorization === undefined) continue;
    const { status } = await service({ method: 'GET', path, authorization });
    if (status === 401)
      throw new WrongUse(
        `The service refuses the token of ${option} (401): it is unknown, revoked or expired, or belongs to another environment.`,
      );
  }
}

/** Why fetch got no answer: what it throws says so in its cause, if at all. */
export function whyNone({ cause, message }: Error): string {
  const { code, message: reason } = (cause ?? {}) as { code?: string; message?: string };
  return code ?? reason ?? message;
}
