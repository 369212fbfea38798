import type { IncomingMessage } from 'node:http';

/** Access keys of those whose calls are no part of an import: the host, this measuring, and what runs every minute anyway. */
const NOT_COUNTED = new Set(['host', 'cost', 'sweeper', '']);

/** Who made a signed call: the access key, which on the local host is the function's name. */
export const callerOf = ({ headers }: Pick<IncomingMessage, 'headers'>): string =>
  /Credential=([^/,]+)/.exec(headers.authorization ?? '')?.[1] ?? '';

export const isCounted = (caller: string): boolean => !NOT_COUNTED.has(caller);
