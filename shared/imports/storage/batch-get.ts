import { setTimeout as pause } from 'node:timers/promises';
import {
  BatchGetCommand,
  type BatchGetCommandOutput,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';

/** Maximum number of items in one BatchGetItem (source: DynamoDB API reference). */
export const BATCH_GET_ITEMS_MAX = 100;

/** Maximum number of requests for unprocessed keys. The pause before a retry is 50 ms at first and doubles each time. */
const READ_TRIES_MAX = 5;
const PAUSE_MS_FIRST = 50;

/** Thrown when keys stay unprocessed after all retries. Its `name` is that of the SDK's throttling error. */
export class BatchGetThrottled extends Error {
  override name = 'ThrottlingException';
}

/**
 * Reads attributes of at most 100 items by their ids, in no particular order. Ids without an item are omitted.
 *
 * @throws BatchGetThrottled, and errors of the SDK.
 */
export async function batchGet(
  client: DynamoDBDocumentClient,
  table: string,
  ids: readonly string[],
  { attributes, consistent }: { attributes: readonly string[]; consistent: boolean },
): Promise<Record<string, unknown>[]> {
  const asked = {
    ProjectionExpression: attributes.map((name) => `#${name}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(attributes.map((name) => [`#${name}`, name])),
    ConsistentRead: consistent,
  };
  const items: Record<string, unknown>[] = [];
  let Keys: Record<string, unknown>[] | undefined = ids.map((id) => ({ id }));
  for (let tried = 0; Keys !== undefined && Keys.length > 0; tried += 1) {
    if (tried === READ_TRIES_MAX) throw new BatchGetThrottled(`DynamoDB left out ${Keys.length} items.`);
    if (tried > 0) await pause(PAUSE_MS_FIRST * 2 ** (tried - 1));
    const answer: BatchGetCommandOutput = await client.send(
      new BatchGetCommand({ RequestItems: { [table]: { ...asked, Keys } } }),
    );
    items.push(...(answer.Responses?.[table] ?? []));
    Keys = answer.UnprocessedKeys?.[table]?.Keys;
  }
  return items;
}
