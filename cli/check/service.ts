import { SUPPLY_POINTS } from '../../shared/api/operations.ts';
import { CliError, EXIT } from '../command.ts';
import type { CheckInputs } from './inputs.ts';

/** A check's request. `path` is relative to the service's URL. */
export type Request = {
  method: string;
  path: string;
  /** The Authorization header, if any. */
  authorization?: string;
  /** A body to be sent as JSON. */
  json?: unknown;
  /** A body to be sent unchanged. */
  text?: string;
  contentType?: string;
  /** The Accept header; without it any media type is acceptable. */
  accept?: string;
};

/** The service's response. `body` is undefined if it is not JSON. */
export type ActualResponse = { status: number; headers: Headers; body: unknown; text: string };

/** Longer than API Gateway's integration timeout of 29 seconds. */
const RESPONSE_TIMEOUT_MS = 35_000;

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
  }: Request): Promise<ActualResponse> => {
    const body = json === undefined ? text : JSON.stringify(json);
    const type = contentType ?? (body === undefined ? undefined : 'application/json');
    const response = await fetch(`${base}${path}`, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(RESPONSE_TIMEOUT_MS),
      headers: {
        ...(authorization !== undefined && { Authorization: authorization }),
        ...(type !== undefined && { 'Content-Type': type }),
        ...(accept !== undefined && { Accept: accept }),
      },
      ...(body !== undefined && { body }),
    });
    const received = await response.text();
    return { status: response.status, headers: response.headers, text: received, body: parseJson(received) };
  };
}
export type Service = ReturnType<typeof serviceAt>;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @throws CliError if nothing responds at the URL. */
export async function assertReachable(url: string, service: Service): Promise<void> {
  try {
    await service({ method: 'GET', path: '/' });
  } catch (error) {
    throw new CliError(`Nothing responds at ${url} (${connectionError(error as Error)}).`);
  }
}

/** Requests an import that does not exist with each token. @throws CliError for a token that the service rejects */
export async function assertTokensAccepted(
  { importer, viewer, supplier, identifier }: CheckInputs,
  service: Service,
): Promise<void> {
  const path = `${SUPPLY_POINTS}/${supplier}/${identifier.never}/`;
  for (const [option, authorization] of [
    ['the token', importer],
    ['the token in SUPPLY_POINTS_VIEWER_TOKEN', viewer],
  ]) {
    if (authorization === undefined) continue;
    const { status } = await service({ method: 'GET', path, authorization });
    if (status === 401)
      throw new CliError(
        `The service rejects ${option} (401): it is unknown, revoked or expired, or belongs to another environment.`,
        { exitCode: EXIT.failed },
      );
  }
}

/** The reason of a failed fetch: its error's cause has the code, if there is one. */
export function connectionError({ cause, message }: Error): string {
  const { code, message: reason } = (cause ?? {}) as { code?: string; message?: string };
  return code ?? reason ?? message;
}
