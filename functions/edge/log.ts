import { Logger } from '@aws-lambda-powertools/logger';
import * as v from 'valibot';

/**
 * The functions' log: JSON lines, with the request's identifiers. Import suppliers, identifiers, statuses and codes may be
 * logged; what people sent in payloads never.
 */
export const log = new Logger();

/**
 * What may be logged of an unforeseen error: its name, where it was thrown, and its message unless that may quote data.
 */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  // These two quote what they could not read.
  const mayQuote = error instanceof SyntaxError || error instanceof v.ValiError;
  const frames = error.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? [];
  return {
    name: error.name,
    ...(mayQuote ? {} : { message: error.message }),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
    frames: frames.slice(0, 10).map((line) => line.trim()),
  };
}
