import { type Like, textLike } from './expectation.ts';
import type { Request } from './service.ts';

/** An answer as the contract has it: the body exactly, and those headers, beside {@link EVERY_ANSWER}. */
export type Answer = { status: number; body: unknown; headers?: Record<string, string | Like> };

/** The headers of every answer (source: the contract). */
export const EVERY_ANSWER: NonNullable<Answer['headers']> = {
  vary: 'Accept',
  'x-content-type-options': 'nosniff',
  'x-kraken-correlation-id': textLike('an identifier', /^[\w-]+$/),
};

/** One question to the service and its answer. */
export type Check = {
  name: string;
  request: Request;
  expected: Answer;
  /** Asked again until the body's status is none of these: while it is, the body must be this one. */
  while?: { statuses: readonly string[]; expected: Answer };
  /** Its answer means that something was stored, or asks for what an earlier check stored. */
  creates?: true;
  /** Why it cannot be asked with what was given. */
  skipped?: string;
};

export const SUPPLY_POINTS = '/v2/data-import/supply-points';
