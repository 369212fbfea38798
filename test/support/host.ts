import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { BatchGetCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { expect, inject } from 'vitest';
import { signedHeaders } from '../../infra/local/access/signature.ts';
import { type HostOptions, type LocalHost, startHost } from '../../infra/local/host.ts';
import { seed } from '../../infra/local/seed.ts';
import { registry } from '../../shared/suppliers/registry.ts';
import { newTokenKey, type Role, sha256 } from '../../shared/suppliers/tokens.ts';
import { responseMisfits } from './api-schemas.ts';
import { startDynamoDBLocal } from './dynamodb-local.ts';

export const SUPPLY_POINTS = '/v2/data-import/supply-points';

/** Where DynamoDBLocal.jar is: hosts then use Amazon's DynamoDB Local, one each (`npm run test:dynamodb-local`). */
const { DYNAMODB_LOCAL_FOLDER } = process.env;

/** Starts a local host with the dev environment, in memory by default. Returns its tokens and clients for its tables and queues. */
export async function startTestHost(
  options: Partial<
    Pick<HostOptions, 'assembly' | 'stateFolder' | 'strictSlashes' | 'storeUnits' | 'report'>
  > = {},
) {
  const dynamodbLocal =
    DYNAMODB_LOCAL_FOLDER === undefined ? undefined : await startDynamoDBLocal(DYNAMODB_LOCAL_FOLDER);
  const host = await startHost({
    ...(dynamodbLocal && { dynamodbEndpoint: dynamodbLocal.endpoint }),
    assembly: inject('assembly'),
    stackName: 'supply-point-import-dev',
    port: 0,
    ...options,
  });
  const tokens = await seed(host.endpoints, {});
  const settings = {
    region: 'ap-southeast-2',
    credentials: host.endpoints.credentials,
  };
  const dynamodb = DynamoDBDocumentClient.from(
    new DynamoDBClient({ ...settings, endpoint: host.endpoints.dynamodb }),
  );
  const sqs = new SQSClient({ ...settings, endpoint: host.endpoints.sqs });
  const registered = registry(dynamodb, host.endpoints.tables['registry']!);
  return {
    ...host,
    ...tokens,
    dynamodb,
    sqs,
    registered,
    /** Registers a token for these suppliers. Returns its key. */
    async tokenFor(
      suppliers: string[],
      change: { role?: Role; expires_at?: number; revoked_at?: number } = {},
    ) {
      const key = newTokenKey();
      const token = {
        sha256: sha256(key),
        name: 'test',
        role: 'importer' as const,
        suppliers,
        created_at: 0,
        ...change,
      };
      await registered.putToken(token);
      return key;
    },
    /** The number of these supply points that exist. */
    async supplyPointCount(identifiers: readonly string[]): Promise<number> {
      const table = host.endpoints.tables['supply-points']!;
      let count = 0;
      for (let from = 0; from < identifiers.length; from += 100) {
        const Keys = identifiers.slice(from, from + 100).map((identifier) => ({ identifier }));
        const asked = { Keys, ProjectionExpression: 'identifier' };
        const { Responses } = await dynamodb.send(new BatchGetCommand({ RequestItems: { [table]: asked } }));
        count += Responses?.[table]?.length ?? 0;
      }
      return count;
    },
    async stop() {
      dynamodb.destroy();
      sqs.destroy();
      await host.stop();
      await dynamodbLocal?.stop();
    },
  };
}
export type TestHost = Awaited<ReturnType<typeof startTestHost>>;

export type Reply = { status: number; headers: Headers; body: unknown; text: string };

/** Sends a request and reads the response, which must fit the API's description. `json` is sent as JSON, `body` unchanged. */
export async function send(
  host: Pick<LocalHost, 'endpoints'>,
  method: string,
  path: string,
  options: {
    token?: string | undefined;
    json?: unknown;
    body?: string | Uint8Array<ArrayBuffer>;
    headers?: Record<string, string>;
  } = {},
): Promise<Reply> {
  const headers: Record<string, string> = {};
  if (options.token !== undefined) headers['Authorization'] = `Token ${options.token}`;
  if (options.json !== undefined) headers['Content-Type'] = 'application/json';
  const body = options.json === undefined ? options.body : JSON.stringify(options.json);
  const response = await fetch(`${host.endpoints.api}${path}`, {
    method,
    headers: { ...headers, ...options.headers },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const reply = {
    status: response.status,
    headers: response.headers,
    text,
    body: text === '' ? undefined : JSON.parse(text),
  };
  expect(responseMisfits({ method, path }, reply), `${method} ${path} ${text}`).toEqual([]);
  return reply;
}

/** The last thousand events of a host's buses. */
export async function busEvents<Event>({ endpoints }: Pick<LocalHost, 'endpoints'>): Promise<Event[]> {
  const request = { method: 'GET', url: `${endpoints.eventbridge}/events` };
  const headers = await signedHeaders(request, 'events', endpoints.credentials);
  return (await (await fetch(request.url, { headers })).json()) as Event[];
}

/** Waits until an import's status is one of these. Returns the response body. */
export async function statusOf(
  host: TestHost,
  identifier: string,
  statuses: readonly string[],
  { supplier = 'TEST_SUPPLIER', token = host.token } = {},
): Promise<Record<string, unknown>> {
  let body: Record<string, unknown> = {};
  await expect
    .poll(
      async () => {
        body = (await send(host, 'GET', `${SUPPLY_POINTS}/${supplier}/${identifier}/`, { token }))
          .body as typeof body;
        return body['status'];
      },
      { timeout: 60_000, interval: 20 },
    )
    .toSatisfy((status: string) => statuses.includes(status), `one of ${statuses.join(', ')}`);
  return body;
}
