import type { ErrorBody } from '../../contract/request.ts';
import type { SuggestedCode, Suggestions } from '../../contract/suggest-codes.ts';
import { fieldAt, isCoded, mayQuote, redactMessage } from './redact.ts';

/** A kind of error. Errors of the same kind are counted together. */
export type ErrorKind = {
  error: string;
  /** The kind to count instead once the limit of distinct wrong codes is reached. */
  general?: string;
  suggestions?: readonly SuggestedCode[];
};

/**
 * Returns the distinct kinds of errors in an error body, such as `accounts.*.customers.*.mobile: … is not a valid phone number`. List
 * indexes and quoted values are removed, because equal errors are counted together. Wrong codes of fields that may be quoted stay
 * distinct: `accounts.*.account_type: "FOO" is not a valid choice.`
 */
export function errorKinds(body: ErrorBody, suggestions: Suggestions = {}): ErrorKind[] {
  const kinds = new Map<string, ErrorKind>();
  const add = (kind: ErrorKind): void => {
    if (!kinds.has(kind.error)) kinds.set(kind.error, kind);
  };
  const walk = (value: unknown, path: readonly string[]): void => {
    if (typeof value === 'string') add(kindOf(path, value, suggestions));
    else if (Array.isArray(value)) for (const item of value) walk(item, path);
    else if (typeof value === 'object' && value !== null) walkObject(value as ErrorBody, path);
  };
  const walkObject = (value: ErrorBody, path: readonly string[]): void => {
    if (isCoded(value) && path.length > 0) {
      add({ error: [...path, value.code].join(': ') });
      return;
    }
    for (const [step, below] of Object.entries(value)) {
      const isBesideError = path.length === 0 && (step === 'supply_point_identifier' || step === 'code');
      if (!isBesideError) walk(below, [...path, step]);
    }
  };
  walkObject(body, []);
  return [...kinds.values()];
}

function kindOf(path: readonly string[], message: string, suggestions: Suggestions): ErrorKind {
  const field = fieldAt(path);
  // Parsers add the position after the dash, and may quote the input there.
  if (field === 'detail') return { error: `detail: ${message.split(' - ', 1)[0]}` };
  const near = message.endsWith(WRONG_CODE) ? suggestions[path.join('.')] : undefined;
  const general = `${field}: ${redactMessage(message)}`;
  const isOwnKind = mayQuote(field, message) && message.endsWith(WRONG_CODE);
  return {
    ...(isOwnKind ? { error: `${field}: ${message}`, general } : { error: general }),
    ...(near && { suggestions: near }),
  };
}

const WRONG_CODE = ' is not a valid choice.';
