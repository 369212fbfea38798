import { type Environment, EnvironmentError } from './environment.ts';

const AUSTRALIAN = 'Australia/Sydney';
const TAGS = { service: 'supply-point-import' };

const ENVIRONMENTS: readonly Environment[] = [
  {
    name: 'dev',
    isProtected: false,
    hasCustomerKey: false,
    pointInTimeRecovery: false,
    logRetentionDays: 7,
    hasAccessLog: false,
    authorizerCacheSeconds: 5,
    methodThrottle: { requestsPerSecond: 500, burstRequests: 500 },
    workerConcurrencyMax: 5,
    bulkConcurrencyMax: 2,
    drops: { rangeMiB: 1, streamPartRows: 1000, readerTimeoutSeconds: 20, readersMax: 2, keptDays: 30 },
    personalDataDays: 30,
    timeZone: AUSTRALIAN,
    scenariosAllowed: true,
    tags: TAGS,
  },
  {
    name: 'staging',
    // One of AWS's example numbers: set your own.
    account: '111122223333',
    region: 'ap-southeast-2',
    isProtected: true,
    hasCustomerKey: true,
    pointInTimeRecovery: true,
    logRetentionDays: 30,
    hasAccessLog: true,
    canaryMinutes: 5,
    authorizerCacheSeconds: 30,
    methodThrottle: { requestsPerSecond: 500, burstRequests: 1000 },
    workerConcurrencyMax: 20,
    bulkConcurrencyMax: 10,
    drops: { rangeMiB: 8, streamPartRows: 20_000, readerTimeoutSeconds: 300, readersMax: 5, keptDays: 90 },
    personalDataDays: 90,
    // Set your own.
    alarmEmail: 'supply-point-import@example.com',
    timeZone: AUSTRALIAN,
    scenariosAllowed: true,
    tags: TAGS,
  },
  {
    name: 'prod',
    // One of AWS's example numbers: set your own.
    account: '444455556666',
    region: 'ap-southeast-2',
    isProtected: true,
    hasCustomerKey: true,
    pointInTimeRecovery: true,
    logRetentionDays: 365,
    hasAccessLog: true,
    canaryMinutes: 10,
    authorizerCacheSeconds: 30,
    methodThrottle: { requestsPerSecond: 1000, burstRequests: 2000 },
    // Equals the rate limit of one method over five minutes, because a migration sends from few addresses.
    firewall: { requestsPerAddressMax: 300_000 },
    // The listing index's maximum for one supplier's drop (shared/imports/model/shards.ts).
    warmWriteUnits: 8000,
    workerConcurrencyMax: 50,
    bulkConcurrencyMax: 25,
    drops: { rangeMiB: 8, streamPartRows: 20_000, readerTimeoutSeconds: 300, readersMax: 10, keptDays: 90 },
    // Set your own.
    alarmEmail: 'supply-point-import@example.com',
    budget: { dollarsAMonth: 500 },
    timeZone: AUSTRALIAN,
    scenariosAllowed: false,
    tags: TAGS,
  },
];

export const ENVIRONMENT_NAMES = ENVIRONMENTS.map(({ name }) => name);

/** Returns the row with this name. @throws EnvironmentError with the existing names */
export function environmentNamed(name: string): Environment {
  const found = ENVIRONMENTS.find((environment) => environment.name === name);
  if (found === undefined) {
    throw new EnvironmentError(
      `There is no environment "${name}"; there are: ${ENVIRONMENT_NAMES.join(', ')}.`,
    );
  }
  return found;
}
