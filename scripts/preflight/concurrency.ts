import type { Environment } from '../../infra/environment.ts';

/** How long a request holds a function: most answer in a few milliseconds; a cold start takes about a second. */
const REQUEST_SECONDS = 0.1;
/** Planners, readers of dead letters and the sweeper: two of each that reads a queue (infra/cloud), and one. */
const OTHERS = 2 + 2 + 2 * 2 + 1;

/** Concurrent executions that an environment may use at once, by the limits of its row. */
export function concurrencyOf(environment: Environment): number {
  const { workerConcurrencyMax, bulkConcurrencyMax, drops, methodThrottle } = environment;
  // One method, create or status, has nearly all of them.
  const requests = Math.ceil(methodThrottle.requestsPerSecond * REQUEST_SECONDS);
  return workerConcurrencyMax + bulkConcurrencyMax + drops.readersMax + requests + OTHERS;
}
