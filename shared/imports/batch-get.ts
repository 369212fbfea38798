import { setTimeout as pause } from 'node:timers/promises';
import {
  BatchGetCommand,
  type BatchGetCommandOutput,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';

/** Items of one BatchGetItem (source: the DynamoDB API reference). */
export const BATCH_GET_ITEMS_MAX = 100;

/** How often what DynamoDB left out of an answer is asked for again, and how long before that: 50 ms, then twice as long each time. */
const READ_TRIES_MAX = 5;
const PAUSE_MS_FIRST = 50;

/** Thrown when DynamoDB left items out of its answers each time. It has the name of the SDK's own error for the same. */
export class BatchGetThrottled extends Error {
  override name = 'ThrottlingException';
}

/**
 * Reads attributes of the items with these ids, at most 100, in no order; ids that there are not are left out.
 *
 * @throws BatchGetThrottled, and what the SDK throws.
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
