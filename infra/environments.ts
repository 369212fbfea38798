/** What differs between environments: one row each, and nothing else anywhere asks which environment it is in. */
export type Environment = {
  name: string;
  /** Keeps data when the stack goes, and refuses to delete tables or stack. */
  isProtected: boolean;
  pointInTimeRecovery: boolean;
  logRetentionDays: number;
  /** How long API Gateway believes the authorizer: a revoked token works at most this much longer. */
  authorizerCacheSeconds: number;
  /** Requests a second of the whole API, and how many may come at once: above them, 429. */
  throttle: { requestsPerSecond: number; burstRequests: number };
  /** Batches of ten imports that are worked on at a time (2 to 1,000). */
  workerConcurrencyMax: number;
  /** The same for imports that came in drops: their own limit, so that a file of millions leaves the endpoints' imports alone. */
  bulkConcurrencyMax: number;
  drops: {
    /** Size of the byte ranges that a file is read in. */
    rangeMiB: number;
    /** Rows of a part of what has to be read as one stream. */
    streamPartRows: number;
    /** How long a reader has for a part; a part that was dropped in the middle is read again after six times as long. */
    readerTimeoutSeconds: number;
    /** Parts that are read at a time (2 to 1,000). */
    readersMax: number;
  };
  /** IANA time zone of the times in answers (source: the contract, "Status body"). */
  timeZone: string;
};

const ENVIRONMENTS: readonly Environment[] = [
  {
    name: 'dev',
    isProtected: false,
    pointInTimeRecovery: false,
    logRetentionDays: 7,
    authorizerCacheSeconds: 5,
    throttle: { requestsPerSecond: 500, burstRequests: 500 },
    workerConcurrencyMax: 5,
    bulkConcurrencyMax: 2,
    drops: { rangeMiB: 1, streamPartRows: 1000, readerTimeoutSeconds: 20, readersMax: 2 },
    timeZone: 'Australia/Sydney',
  },
  {
    name: 'staging',
    isProtected: true,
    pointInTimeRecovery: true,
    logRetentionDays: 30,
    authorizerCacheSeconds: 30,
    throttle: { requestsPerSecond: 500, burstRequests: 1000 },
    workerConcurrencyMax: 20,
    bulkConcurrencyMax: 10,
    drops: { rangeMiB: 8, streamPartRows: 20_000, readerTimeoutSeconds: 300, readersMax: 5 },
    timeZone: 'Australia/Sydney',
  },
  {
    name: 'prod',
    isProtected: true,
    pointInTimeRecovery: true,
    logRetentionDays: 365,
    authorizerCacheSeconds: 30,
    throttle: { requestsPerSecond: 1000, burstRequests: 2000 },
    workerConcurrencyMax: 50,
    bulkConcurrencyMax: 25,
    drops: { rangeMiB: 8, streamPartRows: 20_000, readerTimeoutSeconds: 300, readersMax: 10 },
    timeZone: 'Australia/Sydney',
  },
];

export const ENVIRONMENT_NAMES = ENVIRONMENTS.map(({ name }) => name);

/** The row of that name. @throws Error naming those that there are. */
export function environmentNamed(name: string): Environment {
  const found = ENVIRONMENTS.find((environment) => environment.name === name);
  if (found === undefined) {
    throw new Error(`There is no environment "${name}"; there are: ${ENVIRONMENT_NAMES.join(', ')}.`);
  }
  return found;
}
