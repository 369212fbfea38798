import { readFileSync } from 'node:fs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { scenarioStore } from '../../shared/scenarios/store.ts';
import { registry } from '../../shared/suppliers/registry.ts';
import { EVERY_SUPPLIER, newTokenKey, type Role, sha256 } from '../../shared/suppliers/tokens.ts';
import type { Endpoints } from './host.ts';
import { REGION } from './resource.ts';

/** The import suppliers of a new local host: one with an open migration and one with a closed migration. */
const SUPPLIERS = [
  { code: 'TEST_SUPPLIER', migration: 'open' },
  { code: 'CLOSED_SUPPLIER', migration: 'closed' },
] as const;

/** The scenarios of TEST_SUPPLIER, selected by the last two digits of identifiers that start with 4999. */
const SCENARIOS = new URL('../../examples/test-supplier-scenarios.json', import.meta.url);

/** Keys of tokens for development. */
export type DevelopmentTokens = { token: string; viewerToken: string };

/**
 * Registers the suppliers, the scenarios of TEST_SUPPLIER, and two tokens: `token` with the role operator for every supplier, `viewerToken`
 * with the role viewer for these suppliers. Keys of an earlier run stay valid while they are registered.
 */
export async function seed(
  endpoints: Endpoints,
  earlier: Partial<DevelopmentTokens>,
): Promise<DevelopmentTokens> {
  const client = new DynamoDBClient({
    endpoint: endpoints.dynamodb,
    region: REGION,
    credentials: endpoints.credentials,
  });
  const documents = DynamoDBDocumentClient.from(client);
  const registered = registry(documents, endpoints.tables['registry']!);
  const known = new Set((await registered.list()).map(({ code }) => code));
  for (const supplier of SUPPLIERS) if (!known.has(supplier.code)) await registered.putSupplier(supplier);
  const scenarios = scenarioStore(documents, endpoints.tables['registry']!);
  // Keeps scenarios that the user has changed or cleared.
  if ((await scenarios.get('TEST_SUPPLIER')) === undefined)
    await scenarios.put('TEST_SUPPLIER', JSON.parse(readFileSync(SCENARIOS, 'utf8')));

  const token = async (role: Role, key: string | undefined): Promise<string> => {
    if (key !== undefined && (await registered.token(sha256(key))) !== undefined) return key;
    const made = newTokenKey();
    await registered.putToken({
      sha256: sha256(made),
      name: `development, ${role}`,
      role,
      suppliers: role === 'operator' ? [EVERY_SUPPLIER] : SUPPLIERS.map(({ code }) => code),
      created_at: Date.now(),
    });
    return made;
  };
  const tokens = {
    token: await token('operator', earlier.token),
    viewerToken: await token('viewer', earlier.viewerToken),
  };
  client.destroy();
  return tokens;
}
