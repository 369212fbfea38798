import type { Environment } from '../../infra/environment.ts';

/** Assumed average duration of a request. Most take a few milliseconds; a cold start takes about a second. */
const REQUEST_SECONDS = 0.1;
/** Reserve for the drop planner, the dead-letter consumers and the sweeper: two for each queue consumer (infra/cloud), and one. */
const OTHER_FUNCTIONS = 2 + 2 + 2 * 2 + 1;

/** Returns the maximum number of concurrent executions of an environment, by the limits of its row. */
export function concurrencyOf(environment: Environment): number {
  const { workerConcurrencyMax, bulkConcurrencyMax, drops, methodThrottle } = environment;
  // Nearly all requests are to one method, create or status.
  const requests = Math.ceil(methodThrottle.requestsPerSecond * REQUEST_SECONDS);
  return workerConcurrencyMax + bulkConcurrencyMax + drops.readersMax + requests + OTHER_FUNCTIONS;
}
