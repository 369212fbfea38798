import { fieldAt, QUOTED_FIELDS } from '../../shared/drops/reporting/redact.ts';

/** Fields of responses that are neither of persons nor of their premises. */
const SHOWN_FIELDS: ReadonlySet<string> = new Set([...QUOTED_FIELDS, 'status', 'code', 'detail.code']);

/**
 * Returns a value of a response as it is shown: text and numbers of payloads only by their type and length, and error messages without what was sent. So that a comparison
 * with a service that has real data can be shared.
 */
export function masked(value: unknown, path: readonly string[], status: number, request: unknown): string {
  if (value === undefined) return '(missing)';
  if (value === null || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return `an object with ${Object.keys(value).join(', ') || 'no fields'}`;
  const text = String(value);
  if (SHOWN_FIELDS.has(fieldAt(path)) || path.at(-1) === 'code') return JSON.stringify(value);
  if (status >= 400) return withoutSentValues(text, request);
  return typeof value === 'number' ? 'a number' : `text of ${text.length} characters`;
}

/** Values that are shorter occur in words by chance. They are masked only where they stand alone. */
const WITHIN_WORDS_FROM = 4;

function withoutSentValues(message: string, request: unknown): string {
  const values = [...new Set(leaves(request, []))].sort((one, other) => other.length - one.length);
  let shown = message;
  for (const value of values) {
    const literal = value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const pattern = value.length < WITHIN_WORDS_FROM ? `(?<![\\w])${literal}(?![\\w])` : literal;
    shown = shown.replace(new RegExp(pattern, 'gi'), '…');
  }
  // Numbers that a service writes in another form, and addresses of persons.
  return shown.replace(/[\w.+-]+@[\w.-]+|\+?\d[\d ]{6,}\d/g, '…');
}

/** The values in a request that may be of persons. */
function* leaves(value: unknown, path: readonly string[]): Generator<string> {
  if (typeof value === 'object' && value !== null && !('rawJSON' in value)) {
    for (const [key, below] of Object.entries(value)) yield* leaves(below, [...path, key]);
    return;
  }
  const field = fieldAt(path.filter((step) => step !== 'payload'));
  const isPersonal = !QUOTED_FIELDS.has(field) && path[0] === 'payload';
  const text = typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';
  if (isPersonal && text !== '') yield text;
}
