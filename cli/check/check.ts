import { type Matcher, textMatching } from './matchers.ts';
import type { Request } from './service.ts';

/** A response of the contract: its exact body, and its headers in addition to {@link COMMON_HEADERS}. */
export type ExpectedResponse = { status: number; body: unknown; headers?: Record<string, string | Matcher> };

/** The headers of every response (source: the contract). */
export const COMMON_HEADERS: NonNullable<ExpectedResponse['headers']> = {
  vary: 'Accept',
  'x-content-type-options': 'nosniff',
  'x-kraken-correlation-id': textMatching('an identifier', /^[\w-]+$/),
};

/** A request to the service and the expected response. */
export type Check = {
  name: string;
  request: Request;
  expected: ExpectedResponse;
  /** Repeats the request while the body's status is one of these. Until then each response must be this one. */
  while?: { statuses: readonly string[]; expected: ExpectedResponse };
  /** The check stores something, or reads what an earlier check stored. */
  creates?: true;
  /** Why the check cannot run with the given options. */
  skipped?: string;
};
