import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import type { Credentials } from './access/credentials.ts';
import { REGION, type Resource } from './resource.ts';

/** Properties that the emulator implements. Billing, recovery and protection have no effect on the local host. */
const SHAPE = ['KeySchema', 'AttributeDefinitions', 'GlobalSecondaryIndexes'] as const;

type NamedTable = Pick<Resource, 'name' | 'properties'>;

/**
 * Creates the template's tables if they do not exist.
 *
 * @throws Error for an existing table with other keys or indexes, which the emulator cannot change
 */
export async function createTables(
  endpoint: string,
  credentials: Credentials,
  tables: readonly NamedTable[],
): Promise<void> {
  const client = new DynamoDBClient({ endpoint, region: REGION, credentials });
  try {
    await Promise.all(tables.map((table) => createTable(client, table)));
  } finally {
    client.destroy();
  }
}

/** Thrown for a DynamoDB with separate tables for each access key, in which functions would not find the tables. */
export class TablesNotShared extends Error {
  override name = 'TablesNotShared';
}

/**
 * Checks that the tables are visible with every function's access key.
 *
 * @param functions credentials by the functions' ids
 * @throws TablesNotShared
 */
export async function assertTablesShared(
  endpoint: string,
  functions: Readonly<Record<string, Credentials>>,
  tables: readonly Resource[],
): Promise<void> {
  for (const [id, credentials] of Object.entries(functions)) {
    const client = new DynamoDBClient({ endpoint, region: REGION, credentials });
    try {
      const found = await Promise.all(tables.map(({ name }) => describe(client, name)));
      if (!found.includes(undefined)) continue;
    } finally {
      client.destroy();
    }
    throw new TablesNotShared(
      `${endpoint} does not show the tables to the access key of the function ${id}: start DynamoDB Local with -sharedDb.`,
    );
  }
}

async function createTable(client: DynamoDBClient, table: NamedTable): Promise<void> {
  const properties = table.properties();
  const wanted = Object.fromEntries(
    SHAPE.filter((key) => key in properties).map((key) => [key, properties[key]]),
  );
  const existing = await describe(client, table.name);
  if (existing === undefined) {
    const input = { TableName: table.name, BillingMode: 'PAY_PER_REQUEST', ...wanted };
    await client.send(new CreateTableCommand(input as CreateTableCommandInput));
  } else if (shapeOf(existing) !== shapeOf(wanted as TableDescription)) {
    throw new Error(
      `The table ${table.name} has other keys or indexes than the template: delete the state with --fresh.`,
    );
  }
}

async function describe(client: DynamoDBClient, name: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** Keys and indexes as text in a fixed order, for comparison. */
function shapeOf({ KeySchema, GlobalSecondaryIndexes = [] }: TableDescription): string {
  const keys = (schema: TableDescription['KeySchema'] = []) =>
    schema.map(({ AttributeName, KeyType }) => `${KeyType}:${AttributeName}`).join();
  const indexes = GlobalSecondaryIndexes.map(
    (index) =>
      `${index.IndexName}(${keys(index.KeySchema)}|${index.Projection?.ProjectionType}:${[...(index.Projection?.NonKeyAttributes ?? [])].sort()})`,
  );
  return `${keys(KeySchema)} ${indexes.sort().join(' ')}`;
}
