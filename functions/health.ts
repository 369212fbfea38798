import { openEndpoint } from './edge/http.ts';
import { ok } from './edge/responses.ts';

/**
 * GET /health/ — shows load balancers and monitors that API Gateway and Lambda respond. Needs no token, and therefore makes no AWS
 * calls: anonymous callers must not cause reads.
 */
export const handler = openEndpoint(() => ({
  ...ok({ status: 'ok' }),
  headers: { 'Cache-Control': 'no-store' },
}));
