import { PLATFORM_LOG_BYTES, PRICES, type PricedThing } from './prices.ts';
import { type Amounts, counted, sumOf } from './tally.ts';
import type { TemplateFacts } from './template-facts.ts';

/** What one of something consumes, by what is paid for. */
export type Consumption = Record<PricedThing, number>;

/** What of a template the amounts are paid by. */
export type PaidBy = Pick<TemplateFacts, 'memoryMiB' | 'hasPlatformLog' | 'tracedShare'>;

/** What is paid for the amounts of `times` of something, for one of them. */
export function consumptionOf(
  amounts: Amounts,
  times: number,
  { memoryMiB, hasPlatformLog, tracedShare }: PaidBy,
): Consumption {
  const invocations = sumOf(amounts, 'invocation ');
  const logBytes = sumOf(amounts, counted.logBytes) + (hasPlatformLog ? invocations * PLATFORM_LOG_BYTES : 0);
  // Each invocation for a queue is a batch, which Lambda received by a request that the queue's owner pays.
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

/** What one costs at the public prices, in dollars. */
export const dollarsOf = (consumption: Consumption): number =>
  Object.entries(PRICES).reduce(
    (sum, [name, { dollarsPerMillion }]) =>
      sum + (consumption[name as PricedThing] * dollarsPerMillion) / 1_000_000,
    0,
  );
