import type { ErrorBody } from '../contract/request.ts';

/** A message without what it quotes of a request: `"x" is not a valid choice.`, `0400 is not a valid phone number`, JSON that is none. */
export function withoutQuote(message: string): string {
  if (message.startsWith('JSON parse error')) return message.replace(/".*"/s, '"…"');
  return message.replace(/^.*(?= is not a valid )/s, '…');
}

/**
 * An error body as the endpoint would give it, but that nothing in it quotes what was sent for an account, its customers or its outage
 * contact, or JSON that could not be read: reports are read, sent and kept by more people than the data is.
 */
export function impersonal(errors: ErrorBody): ErrorBody {
  const entries = Object.entries(errors).map(([field, below]) => [
    field,
    field === 'accounts' || field === 'detail' ? withoutQuotes(below) : below,
  ]);
  return Object.fromEntries(entries);
}

function withoutQuotes(value: unknown): unknown {
  if (typeof value === 'string') return withoutQuote(value);
  if (Array.isArray(value)) return value.map(withoutQuotes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([field, below]) => [field, withoutQuotes(below)]));
}
