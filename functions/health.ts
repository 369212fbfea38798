import { openEndpoint } from './edge/http.ts';
import { ok } from './edge/responses.ts';

/**
 * GET /health/ — for load balancers and monitors, without a token: whether API Gateway and functions answer. Makes no AWS call, so
 * that nobody without a token can cause reads.
 */
export const handler = openEndpoint(() => ({
  ...ok({ status: 'ok' }),
  headers: { 'Cache-Control': 'no-store' },
}));
