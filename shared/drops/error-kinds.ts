import type { ErrorBody } from '../contract/request.ts';
import type { SuggestedCode, Suggestions } from '../contract/suggest-codes.ts';
import { fieldAt, isCoded, mayQuote, redactMessage } from './redact.ts';

/** A kind of error. */
export type ErrorKind = {
  error: string;
  /** The kind that it counts as where too many wrong codes are told apart already. */
  general?: string;
  suggestions?: readonly SuggestedCode[];
};

/**
 * The kinds of errors in a body, such as `accounts.*.customers.*.mobile: … is not a valid phone number`: list indexes and what
 * was sent are left out, so that like errors count together. Only wrong codes of fields that may be quoted are kinds of their own:
 * `accounts.*.account_type: "FOO" is not a valid choice.`
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
  // What parsers say after this is about the place, and may quote it.
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
