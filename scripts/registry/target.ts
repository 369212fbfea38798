import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { REGION } from '../../infra/local/resource.ts';
import { type ScenarioStore, scenarioStore } from '../../shared/scenarios/store.ts';
import { registry } from '../../shared/suppliers/registry.ts';
import { WrongUse } from '../command/command.ts';
import { localEndpoints } from '../command/local-host.ts';

/** Whose registry: a deployed environment's, by its table, or that of the local host which keeps its state there. */
export type Target = { table: string } | { stateFolder: string };

const LOCAL_CREDENTIALS = { accessKeyId: 'host', secretAccessKey: 'host' };

/** What a registry keeps, by what is asked of it. */
export type Stores = { registered: ReturnType<typeof registry>; scenarios: ScenarioStore };

/** Works with a registry. @throws WrongUse where it cannot be reached, or does not exist. */
export async function withRegistry<T>(target: Target, work: (stores: Stores) => Promise<T>): Promise<T> {
  const { client, table, where } = connect(target);
  try {
    const documents = DynamoDBDocumentClient.from(client);
    return await work({ registered: registry(documents, table), scenarios: scenarioStore(documents, table) });
  } catch (error) {
    throw unreachable(error as Error & { code?: string }, table, where) ?? error;
  } finally {
    client.destroy();
  }
}

function connect(target: Target): { client: DynamoDBClient; table: string; where: string } {
  // Whatever the SDK usually finds: variables, profiles, roles.
  if ('table' in target)
    return { client: new DynamoDBClient({}), table: target.table, where: 'this account and region' };
  const { dynamodb: endpoint, tables } = localEndpoints(target.stateFolder);
  const client = new DynamoDBClient({
    endpoint,
    region: REGION,
    credentials: LOCAL_CREDENTIALS,
    maxAttempts: 1,
  });
  return { client, table: tables.registry, where: endpoint };
}

/** What is the user's to mend, by the SDK's error names; undefined: it is no such thing. */
function unreachable(error: Error & { code?: string }, table: string, where: string): WrongUse | undefined {
  const said = error.message.replaceAll('\n', ' ');
  if (error.code === 'ECONNREFUSED')
    return new WrongUse(`No local host answers at ${where}: start one with npm start.`);
  if (error.name === 'ResourceNotFoundException')
    return new WrongUse(`There is no table ${table} in ${where}.`);
  if (error.name === 'CredentialsProviderError') return new WrongUse(`No AWS credentials: ${said}`);
  if (error.message === 'Region is missing')
    return new WrongUse('No AWS region: set AWS_REGION, or a profile that has one.');
  if (REFUSALS.has(error.name)) return new WrongUse(`AWS refuses: ${said}`);
  return undefined;
}

const REFUSALS = new Set([
  'AccessDeniedException',
  'ExpiredTokenException',
  'InvalidSignatureException',
  'UnrecognizedClientException',
  'ValidationException',
]);
