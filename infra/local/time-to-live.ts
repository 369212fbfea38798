import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { undefinedIfConditionFailed } from '../../shared/aws/conditional-write.ts';
import type { Credentials } from './access/credentials.ts';
import { REGION, type Resource } from './resource.ts';

/** DynamoDB does not delete items that expired longer ago (source: DynamoDB developer guide, "Using time to live (TTL)": five years). */
const EXPIRED_YEARS_MAX = 5;
const YEAR_SECONDS = 365 * 24 * 60 * 60;
/** Page size of scans. The emulator processes one request at a time, so a small page lets other requests through. */
const PAGE_ITEMS = 200;
/** Interval between passes. DynamoDB deletes within days; scanning a million items takes minutes in the emulator. */
const PASS_INTERVAL_MS = 60 * 60_000;
/** Delay of the first pass, to keep the start fast. */
const FIRST_PASS_DELAY_MS = 60_000;

type Properties = {
  KeySchema: { AttributeName: string }[];
  TimeToLiveSpecification?: { AttributeName: string; Enabled: boolean };
};

/**
 * Implements time to live, which the embedded emulator lacks: deletes items whose TimeToLiveSpecification attribute is in the past (epoch
 * seconds). It also works with another DynamoDB.
 */
export function timeToLive(endpoint: string, credentials: Credentials, tables: readonly Resource[]) {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint, region: REGION, credentials }));
  let isStopped = false;

  const deleteExpiredFrom = async ({ name, properties }: Resource, now: number): Promise<number> => {
    const { KeySchema, TimeToLiveSpecification } = properties() as Properties;
    if (TimeToLiveSpecification?.Enabled !== true) return 0;
    const expired = {
      ExpressionAttributeNames: { '#expiry': TimeToLiveSpecification.AttributeName },
      ExpressionAttributeValues: { ':now': now, ':least': now - EXPIRED_YEARS_MAX * YEAR_SECONDS },
    };
    const condition = '#expiry < :now AND #expiry > :least';
    let deleted = 0;
    const scan = { TableName: name, FilterExpression: condition, Limit: PAGE_ITEMS, ...expired };
    for await (const { Items = [] } of paginateScan({ client }, scan)) {
      for (const item of Items) {
        if (isStopped) return deleted;
        const Key = Object.fromEntries(
          KeySchema.map(({ AttributeName }) => [AttributeName, item[AttributeName]]),
        );
        // A conditional write, because the item may have changed since the scan.
        const remove = new DeleteCommand({
          TableName: name,
          Key,
          ConditionExpression: condition,
          ...expired,
        });
        if ((await undefinedIfConditionFailed(client.send(remove))) !== undefined) deleted += 1;
      }
    }
    return deleted;
  };

  /** Deletes the items that have expired at `now` (epoch ms), and returns their number. */
  const deleteExpired = async (now: number): Promise<number> => {
    let deleted = 0;
    for (const table of tables) deleted += await deleteExpiredFrom(table, Math.floor(now / 1000));
    return deleted;
  };

  return {
    deleteExpired,

    /** Runs a pass after a minute and then every hour. Returns a function that stops it. */
    start(report: (line: string) => void): () => void {
      let timer: NodeJS.Timeout;
      const next = (afterMs: number) => {
        timer = setTimeout(async () => {
          try {
            await deleteExpired(Date.now());
          } catch (error) {
            if (!isStopped) report(`Expired items were not deleted: ${(error as Error).message}`);
          }
          if (!isStopped) next(PASS_INTERVAL_MS);
        }, afterMs).unref();
      };
      next(FIRST_PASS_DELAY_MS);
      return () => {
        isStopped = true;
        clearTimeout(timer);
        client.destroy();
      };
    },
  };
}
