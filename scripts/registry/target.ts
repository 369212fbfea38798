import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { REGION } from '../../infra/local/resource.ts';
import { type ScenarioStore, scenarioStore } from '../../shared/scenarios/store.ts';
import { registry } from '../../shared/suppliers/registry.ts';
import { awsProblem } from '../command/aws.ts';
import { CommandError } from '../command/command.ts';
import { localEndpoints } from '../command/local-host.ts';

/** The registry to use: that of a deployed environment, by its table's name, or that of the local host with this state folder. */
export type Target = { table: string } | { stateFolder: string };

/** The stores of a registry table. */
export type Stores = { registered: ReturnType<typeof registry>; scenarios: ScenarioStore };

/** Calls `work` with the stores of a registry. @throws CommandError when the registry does not exist or cannot be reached */
export async function withRegistry<T>(target: Target, work: (stores: Stores) => Promise<T>): Promise<T> {
  const { client, table, endpoint } = connect(target);
  try {
    const documents = DynamoDBDocumentClient.from(client);
    return await work({ registered: registry(documents, table), scenarios: scenarioStore(documents, table) });
  } catch (error) {
    const { name } = error as Error;
    if (name === 'ResourceNotFoundException')
      throw new CommandError(`There is no table ${table} in ${endpoint ?? 'this account and region'}.`);
    throw awsProblem(error, endpoint) ?? error;
  } finally {
    client.destroy();
  }
}

function connect(target: Target): { client: DynamoDBClient; table: string; endpoint?: string } {
  // The SDK finds region and credentials in variables, profiles or roles.
  if ('table' in target) return { client: new DynamoDBClient({}), table: target.table };
  const { dynamodb: endpoint, tables, credentials } = localEndpoints(target.stateFolder);
  const client = new DynamoDBClient({ endpoint, region: REGION, credentials, maxAttempts: 1 });
  return { client, table: tables.registry, endpoint };
}
