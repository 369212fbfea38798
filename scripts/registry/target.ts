import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { REGION } from '../../infra/local/resource.ts';
import { type ScenarioStore, scenarioStore } from '../../shared/scenarios/store.ts';
import { registry } from '../../shared/suppliers/registry.ts';
import { awsProblem } from '../command/aws.ts';
import { WrongUse } from '../command/command.ts';
import { localEndpoints } from '../command/local-host.ts';

/** Whose registry: a deployed environment's, by its table, or that of the local host which keeps its state there. */
export type Target = { table: string } | { stateFolder: string };

/** What a registry keeps, by what is asked of it. */
export type Stores = { registered: ReturnType<typeof registry>; scenarios: ScenarioStore };

/** Works with a registry. @throws WrongUse where it cannot be reached, or does not exist. */
export async function withRegistry<T>(target: Target, work: (stores: Stores) => Promise<T>): Promise<T> {
  const { client, table, endpoint } = connect(target);
  try {
    const documents = DynamoDBDocumentClient.from(client);
    return await work({ registered: registry(documents, table), scenarios: scenarioStore(documents, table) });
  } catch (error) {
    const { name } = error as Error;
    if (name === 'ResourceNotFoundException')
      throw new WrongUse(`There is no table ${table} in ${endpoint ?? 'this account and region'}.`);
    throw awsProblem(error, endpoint) ?? error;
  } finally {
    client.destroy();
  }
}

function connect(target: Target): { client: DynamoDBClient; table: string; endpoint?: string } {
  // Whatever the SDK usually finds: variables, profiles, roles.
  if ('table' in target) return { client: new DynamoDBClient({}), table: target.table };
  const { dynamodb: endpoint, tables, credentials } = localEndpoints(target.stateFolder);
  const client = new DynamoDBClient({ endpoint, region: REGION, credentials, maxAttempts: 1 });
  return { client, table: tables.registry, endpoint };
}
