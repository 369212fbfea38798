import { setTimeout as pause } from 'node:timers/promises';
import { type Check, COMMON_HEADERS, type ExpectedResponse } from './check.ts';
import { Matcher, matches } from './matchers.ts';
import { type ActualResponse, connectionError, type Service } from './service.ts';

/** The outcome of a check. `detail` is one line. */
export type Outcome = { kind: 'ok' } | { kind: 'skipped' | 'differs'; detail: string };

const POLL_INTERVAL_MS = 200;
/** Characters of a response that a message shows. */
const SHOWN_MAX = 400;

/** Runs a check. Repeats its request for up to `waitMs` if the check waits for a status. */
export async function runCheck(check: Check, service: Service, waitMs: number): Promise<Outcome> {
  if (check.skipped !== undefined) return { kind: 'skipped', detail: check.skipped };
  const until = Date.now() + waitMs;
  for (;;) {
    const found = await sendRequest(check, service);
    if (typeof found === 'string')
      return { kind: 'differs', detail: `expected ${formatExpected(check.expected)}; ${found}` };
    if (!isPending(check, found)) return compare(check.expected, found);
    const pending = compare(check.while!.expected, found);
    if (pending.kind !== 'ok') return pending;
    if (Date.now() >= until) {
      return {
        kind: 'differs',
        detail: `expected ${formatExpected(check.expected)} within ${waitMs / 1000} s; found ${formatActual(found)}`,
      };
    }
    await pause(POLL_INTERVAL_MS);
  }
}

async function sendRequest(check: Check, service: Service): Promise<ActualResponse | string> {
  try {
    return await service(check.request);
  } catch (error) {
    return `no response (${connectionError(error as Error)})`;
  }
}

function isPending(check: Check, { body }: ActualResponse): boolean {
  const { status } = (body ?? {}) as { status?: unknown };
  return check.while?.statuses.includes(String(status)) === true;
}

/** Compares a response with the expected one. */
export function compare(expected: ExpectedResponse, found: ActualResponse): Outcome {
  const headers = Object.entries({ ...COMMON_HEADERS, ...expected.headers });
  const wrong = headers.filter(([name, value]) => !matches(value, found.headers.get(name)));
  if (found.status === expected.status && matches(expected.body, found.body) && wrong.length === 0) {
    return { kind: 'ok' };
  }
  const foundHeaders = wrong.map(([name]) => ` ${name}: ${found.headers.get(name) ?? '(none)'}`).join('');
  const shown = { ...expected, headers: { ...Object.fromEntries(wrong), ...expected.headers } };
  return {
    kind: 'differs',
    detail: `expected ${formatExpected(shown)}; found ${formatActual(found)}${foundHeaders}`,
  };
}

function formatExpected({ status, body, headers = {} }: ExpectedResponse): string {
  const lines = Object.entries(headers).map(
    ([name, value]) => ` ${name}: ${value instanceof Matcher ? value.toJSON() : value}`,
  );
  return `${status} ${body === undefined ? '(no body)' : truncate(JSON.stringify(body))}${lines.join('')}`;
}

const formatActual = ({ status, text }: ActualResponse): string =>
  `${status} ${truncate(text.replaceAll(/\s+/g, ' '))}`;

const truncate = (text: string): string => (text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text);
