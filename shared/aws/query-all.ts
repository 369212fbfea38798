import { type DynamoDBDocumentClient, paginateQuery, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';

/** Runs a query and returns the items of all its pages. The result must fit in memory. @throws what the SDK throws */
export async function queryAll(client: DynamoDBDocumentClient, query: QueryCommandInput): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const { Items = [] } of paginateQuery({ client }, query)) items.push(...Items);
  return items;
}
