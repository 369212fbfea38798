import { type BilledResource, PLATFORM_LOG_BYTES, PRICES } from './prices.ts';
import { type Amounts, counted, sumOf } from './tally.ts';
import type { TemplateFacts } from './template-facts.ts';

/** Consumption of one import, row or request, by billed resource. */
export type Consumption = Record<BilledResource, number>;

/** The properties of a template that consumption depends on. */
export type BillingFacts = Pick<TemplateFacts, 'memoryMiB' | 'hasPlatformLog' | 'tracedShare'>;

/** Returns the consumption of one, from the amounts that `times` of them consumed. */
export function consumptionOf(
  amounts: Amounts,
  times: number,
  { memoryMiB, hasPlatformLog, tracedShare }: BillingFacts,
): Consumption {
  const invocations = sumOf(amounts, 'invocation ');
  const logBytes = sumOf(amounts, counted.logBytes) + (hasPlatformLog ? invocations * PLATFORM_LOG_BYTES : 0);
  // Lambda receives each batch by one request to SQS, which is billed to the queue's owner.
  const sqsRequests = sumOf(amounts, counted.sqs) + sumOf(amounts, counted.batch(''));
  const whole: Consumption = {
    writeUnits: sumOf(amounts, 'write '),
    readUnits: sumOf(amounts, 'read '),
    apiRequests: sumOf(amounts, counted.api),
    invocations,
    gigabyteSeconds: gigabyteSeconds(amounts, memoryMiB),
    sqsRequests,
    groupedRequests: sqsRequests,
    events: sumOf(amounts, counted.event),
    s3Writes: sumOf(amounts, counted.s3Write),
    s3Reads: sumOf(amounts, counted.s3Read),
    logMegabytes: logBytes / 1_000_000,
    archivedMegabytes: sumOf(amounts, counted.archivedBytes) / 1_000_000,
    traces: sumOf(amounts, counted.api) * tracedShare,
  };
  return Object.fromEntries(
    Object.entries(whole).map(([name, amount]) => [name, amount / times]),
  ) as Consumption;
}

function gigabyteSeconds(amounts: Amounts, memoryMiB: ReadonlyMap<string, number>): number {
  return [...memoryMiB].reduce((sum, [name, memory]) => {
    const milliseconds = amounts[counted.milliseconds(name)] ?? 0;
    return sum + (milliseconds / 1000) * (memory / 1024);
  }, 0);
}

/** Returns the cost at the public prices, in dollars. */
export const dollarsOf = (consumption: Consumption): number =>
  Object.entries(PRICES).reduce(
    (sum, [name, { dollarsPerMillion }]) =>
      sum + (consumption[name as BilledResource] * dollarsPerMillion) / 1_000_000,
    0,
  );
