import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { undefinedIfConditionFailed } from '../../shared/aws/conditional-write.ts';
import type { Credentials } from './access/credentials.ts';
import { REGION, type Resource } from './resource.ts';

/** AWS leaves what expired longer ago alone (source: DynamoDB developer guide, "Using time to live (TTL)": five years). */
const EXPIRED_YEARS_MAX = 5;
const YEAR_SECONDS = 365 * 24 * 60 * 60;
/** Items read at a time, so that the emulator, which does one thing at a time, answers others in between. */
const PAGE_ITEMS = 200;
/** AWS takes days; a table of a million items takes minutes to read here. */
const PASS_INTERVAL_MS = 60 * 60_000;
/** A host that has just started has other things to do. */
const FIRST_PASS_DELAY_MS = 60_000;

type Properties = {
  KeySchema: { AttributeName: string }[];
  TimeToLiveSpecification?: { AttributeName: string; Enabled: boolean };
};

/**
 * Deletes expired items of the template's tables, which the embedded emulator does not do: those whose attribute of the
 * TimeToLiveSpecification is a number of epoch seconds in the past. It also does so with another DynamoDB.
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
        // The item may have been written anew since it was read.
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

  /** Deletes what has expired at a time (epoch ms); answers how many items. */
  const deleteExpired = async (now: number): Promise<number> => {
    let deleted = 0;
    for (const table of tables) deleted += await deleteExpiredFrom(table, Math.floor(now / 1000));
    return deleted;
  };

  return {
    deleteExpired,

    /** Passes over the tables from now on: a minute later, and then each hour. Answers how to stop. */
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
