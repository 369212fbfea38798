import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, type Check, EVERY_ANSWER } from './check.ts';
import { fits, Like } from './expectation.ts';
import { type Found, type Service, whyNone } from './service.ts';

/** What came of a check, to be said in one line. */
export type Outcome = { kind: 'ok' } | { kind: 'skipped' | 'differs'; said: string };

const POLL_INTERVAL_MS = 200;
/** Characters of an answer that are shown. */
const SHOWN_MAX = 400;

/** Asks the service, again and again where the check is for something that takes time, for `waitMs` at most. */
export async function runCheck(check: Check, service: Service, waitMs: number): Promise<Outcome> {
  if (check.skipped !== undefined) return { kind: 'skipped', said: check.skipped };
  const until = Date.now() + waitMs;
  for (;;) {
    const found = await ask(check, service);
    if (typeof found === 'string')
      return { kind: 'differs', said: `expected ${shown(check.expected)}; ${found}` };
    if (!isStill(check, found)) return compared(check.expected, found);
    const underway = compared(check.while!.expected, found);
    if (underway.kind !== 'ok') return underway;
    if (Date.now() >= until) {
      return {
        kind: 'differs',
        said: `expected ${shown(check.expected)} within ${waitMs / 1000} s; found ${shownFound(found)}`,
      };
    }
    await pause(POLL_INTERVAL_MS);
  }
}

async function ask(check: Check, service: Service): Promise<Found | string> {
  try {
    return await service(check.request);
  } catch (error) {
    return `no answer (${whyNone(error as Error)})`;
  }
}

function isStill(check: Check, { body }: Found): boolean {
  const { status } = (body ?? {}) as { status?: unknown };
  return check.while?.statuses.includes(String(status)) === true;
}

/** Compares an answer with what is expected of it. */
export function compared(expected: Answer, found: Found): Outcome {
  const headers = Object.entries({ ...EVERY_ANSWER, ...expected.headers });
  const other = headers.filter(([name, value]) => !fits(value, found.headers.get(name)));
  if (found.status === expected.status && fits(expected.body, found.body) && other.length === 0) {
    return { kind: 'ok' };
  }
  const of = other.map(([name]) => ` ${name}: ${found.headers.get(name) ?? '(none)'}`).join('');
  const missed = { ...expected, headers: { ...Object.fromEntries(other), ...expected.headers } };
  return { kind: 'differs', said: `expected ${shown(missed)}; found ${shownFound(found)}${of}` };
}

function shown({ status, body, headers = {} }: Answer): string {
  const said = Object.entries(headers).map(
    ([name, value]) => ` ${name}: ${value instanceof Like ? value.toJSON() : value}`,
  );
  return `${status} ${body === undefined ? '(no body)' : cut(JSON.stringify(body))}${said.join('')}`;
}

const shownFound = ({ status, text }: Found): string => `${status} ${cut(text.replaceAll(/\s+/g, ' '))}`;

const cut = (text: string): string => (text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text);
