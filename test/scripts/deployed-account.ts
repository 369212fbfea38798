import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { inject, vi } from 'vitest';
import { serviceAt } from '../../cli/check/service.ts';
import type { Environment } from '../../infra/environment.ts';
import { environmentNamed } from '../../infra/environments.ts';
import { signedHeaders } from '../../infra/local/access/signature.ts';
import { changes } from '../../scripts/account-checks/changes.ts';
import type { Account } from '../../scripts/account-checks/check.ts';
import { clientsFor } from '../../scripts/account-checks/clients.ts';
import { deployedEnvironment } from '../../scripts/account-checks/deployed.ts';
import { busEvents, type TestHost } from '../support/host.ts';
import {
  type AwsRequest,
  type AwsResponse,
  type AwsResponses,
  type Operation,
  startAwsServer,
} from './aws-server.ts';
import { type ThrottleState, throttlingGateway } from './throttling-gateway.ts';

type Template = { Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }> };

const ACCOUNT = '000000000000';
const arn = (service: string, rest: string) => `arn:aws:${service}:ap-southeast-2:${ACCOUNT}:${rest}`;

/**
 * Simulates a deployed environment `dev` for the account checks. The local host has the API, the tables and the bucket. A server with
 * configured responses stands in for the other services, and a gateway before the API applies their throttling settings.
 *
 * @param changed responses that replace the configured ones
 */
export async function deployedAccount(assembly: string, host: TestHost, changed: AwsResponses = {}) {
  const state: ThrottleState = { limited: false };
  await using stack = new AsyncDisposableStack();
  const templates = stackOf(assembly, host);
  const gateway = stack.use(await throttlingGateway(host, state));
  const aws = stack.use(
    await startAwsServer({
      ...stackResponses(templates, host, gateway.url),
      ...tableResponses(templates, host),
      ...eventResponses(host),
      ...throttleResponses(state),
      GetAlias: JSON.stringify({ FunctionVersion: '7' }),
      ...changed,
    }),
  );
  const open = stack.move();
  return {
    state,
    operations: aws.operations,
    /** Environment variables that direct the SDK's clients and the script to it. */
    env: {
      AWS_ENDPOINT_URL: aws.url,
      AWS_ENDPOINT_URL_S3: host.endpoints.s3,
      AWS_REGION: 'ap-southeast-2',
      AWS_ACCESS_KEY_ID: host.endpoints.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: host.endpoints.credentials.secretAccessKey,
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** Returns the records of the checks' imports and drops. */
export async function recordsOfChecks({ dynamodb, endpoints }: TestHost): Promise<unknown[]> {
  const tables = ['import-processes', 'drop-records'].map((name) => endpoints.tables[name]!);
  const scans = tables.map((TableName) => dynamodb.send(new ScanCommand({ TableName })));
  const items = (await Promise.all(scans)).flatMap(({ Items = [] }) => Items);
  return items.filter((item) => JSON.stringify(item).includes('ACCOUNT_CHECKS'));
}

type Stack = ReturnType<typeof stackOf>;

/** Returns the assembly's stack, its nested stack, and a function for the physical names of their resources. */
function stackOf(assembly: string, { endpoints }: TestHost) {
  const read = (file: string): Template => JSON.parse(readFileSync(join(assembly, file), 'utf8'));
  const main = read('supply-point-import-dev.template.json');
  const [nestedId = ''] =
    Object.entries(main.Resources).find(([, { Type }]) => Type.endsWith('::Stack')) ?? [];
  const nested = read(Object.values(main.Resources).map(nestedFile).find(Boolean) ?? '');
  const nameOf = (id: string, Type: string): string => {
    const table = Object.entries(endpoints.tables).find(([name]) =>
      new RegExp(`${name.replaceAll('-', '')}[0-9A-F]{8}$`).test(id),
    );
    if (Type === 'AWS::DynamoDB::Table' && table !== undefined) return table[1];
    if (Type === 'AWS::Lambda::Alias') return arn('lambda', `function:${id}:live`);
    return id;
  };
  return { main, nested, nestedId, nameOf };
}

/** CloudFormation's responses for the assembly's stack and its nested stack. */
function stackResponses(
  { main, nested, nestedId, nameOf }: Stack,
  { endpoints }: TestHost,
  apiUrl: string,
): AwsResponses {
  const outputs = {
    ApiUrl: `${apiUrl}/`,
    DropsBucket: endpoints.buckets['drops'],
    DropsTable: endpoints.tables['drop-records'],
    RegistryTable: endpoints.tables['registry'],
    OutcomesBus: 'outcomes',
    AlarmsTopic: arn('sns', 'alarms'),
  };
  const summaries = ({ Resources }: Template): string =>
    Object.entries(Resources)
      .map(
        ([id, { Type }]) =>
          `<member><LogicalResourceId>${id}</LogicalResourceId><ResourceType>${Type}</ResourceType><PhysicalResourceId>${nameOf(id, Type)}</PhysicalResourceId><ResourceStatus>CREATE_COMPLETE</ResourceStatus><LastUpdatedTimestamp>2027-01-01T00:00:00Z</LastUpdatedTimestamp></member>`,
      )
      .join('');
  const member = ([key, value]: [string, string | undefined]) =>
    `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`;
  return {
    DescribeStacks: `<Stacks><member><StackName>supply-point-import-dev</StackName><CreationTime>2027-01-01T00:00:00Z</CreationTime><StackStatus>UPDATE_COMPLETE</StackStatus><Outputs>${Object.entries(outputs).map(member).join('')}</Outputs></member></Stacks>`,
    GetTemplate: `<TemplateBody><![CDATA[${JSON.stringify(main)}]]></TemplateBody>`,
    ListStackResources: ({ body }) => {
      const isNested = new URLSearchParams(body).get('StackName') === nestedId;
      return `<StackResourceSummaries>${summaries(isNested ? nested : main)}</StackResourceSummaries>`;
    },
  };
}

const nestedFile = ({ Type, ...resource }: Template['Resources'][string]): string | undefined =>
  Type.endsWith('::Stack')
    ? (resource as { Metadata?: Record<string, string> }).Metadata?.['aws:asset:path']
    : undefined;

/** DynamoDB's responses: the emulator's, except for operations that it does not have. */
function tableResponses({ main, nameOf }: Stack, { endpoints }: TestHost): AwsResponses {
  const forward = async ({ request, body }: AwsRequest): Promise<AwsResponse> => {
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': String(request.headers['x-amz-target']),
    };
    const call = { method: 'POST', url: `${endpoints.dynamodb}/`, headers, body };
    const signed = await signedHeaders(call, 'dynamodb', endpoints.credentials);
    const response = await fetch(call.url, { method: 'POST', headers: { ...headers, ...signed }, body });
    const text = await response.text();
    if (response.ok) return text;
    const { __type = '', message = '' } = JSON.parse(text);
    return { error: __type, message };
  };
  const forwarded: Operation[] = ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'];
  return {
    ...Object.fromEntries(forwarded.map((operation) => [operation, forward])),
    DescribeTable: JSON.stringify({
      Table: {
        WarmThroughput: { ReadUnitsPerSecond: 12_000, WriteUnitsPerSecond: 4000, Status: 'ACTIVE' },
        DeletionProtectionEnabled: false,
        GlobalSecondaryIndexes: [],
      },
    }),
    DescribeTimeToLive: ({ body }) => {
      const { TableName } = JSON.parse(body);
      const [, table] =
        Object.entries(main.Resources).find(([id, { Type }]) => nameOf(id, Type) === TableName) ?? [];
      const { AttributeName } = (table?.Properties?.['TimeToLiveSpecification'] ?? {}) as {
        AttributeName?: string;
      };
      const TimeToLiveStatus = AttributeName === undefined ? 'DISABLED' : 'ENABLED';
      return JSON.stringify({ TimeToLiveDescription: { TimeToLiveStatus, AttributeName } });
    },
  };
}

/** EventBridge's and SQS's responses. The queue returns the checks' own events from the local host's bus. */
function eventResponses(host: TestHost): AwsResponses {
  return {
    // The SDK sends requests to the host in the queue's URL.
    CreateQueue: ({ request }) =>
      JSON.stringify({ QueueUrl: `http://${request.headers.host}/${ACCOUNT}/one` }),
    GetQueueAttributes: JSON.stringify({ Attributes: { QueueArn: arn('sqs', 'one') } }),
    SetQueueAttributes: '{}',
    DeleteQueue: '{}',
    PutRule: JSON.stringify({ RuleArn: arn('events', 'rule/outcomes/one') }),
    PutTargets: JSON.stringify({ FailedEntryCount: 0 }),
    RemoveTargets: JSON.stringify({ FailedEntryCount: 0 }),
    DeleteRule: '{}',
    DescribeArchive: JSON.stringify({ State: 'ENABLED', EventCount: 3 }),
    ReceiveMessage: async () => {
      const events = await busEvents<{ detail: { import_supplier: string } }>(host);
      const own = events.find(({ detail }) => detail.import_supplier === 'ACCOUNT_CHECKS');
      if (own === undefined) return '{}';
      const Body = JSON.stringify(own);
      // The SDK verifies the checksum (source: SQS, ReceiveMessage).
      const MD5OfBody = createHash('md5').update(Body).digest('hex');
      return JSON.stringify({ Messages: [{ MessageId: 'one', ReceiptHandle: 'one', Body, MD5OfBody }] });
    },
  };
}

function throttleResponses(state: ThrottleState): AwsResponses {
  return {
    GetFunctionConcurrency: () => JSON.stringify({ ReservedConcurrentExecutions: state.reserved }),
    PutFunctionConcurrency: ({ body }) => {
      state.reserved = JSON.parse(body).ReservedConcurrentExecutions;
      return body;
    },
    DeleteFunctionConcurrency: () => {
      state.reserved = undefined;
      return '';
    },
    GetStage: JSON.stringify({ methodSettings: { '*/*': {} } }),
    UpdateStage: ({ body }) => {
      state.limited = JSON.parse(body).patchOperations[0].op === 'replace';
      return '{}';
    },
  };
}

/** Runs work with an account in this process, and undoes its changes. Returns the printed lines. Stubs environment variables. */
export async function withAccount(
  host: TestHost,
  {
    responses = {},
    row = {},
    waitMs = 0,
  }: { responses?: AwsResponses; row?: Partial<Environment>; waitMs?: number },
  work: (account: Account, print: (line: string) => void) => Promise<unknown>,
) {
  await using aws = await deployedAccount(inject('assembly'), host, responses);
  for (const [name, value] of Object.entries(aws.env)) vi.stubEnv(name, value);
  const environment = { ...environmentNamed('dev'), ...row };
  const clients = clientsFor(environment);
  const lines: string[] = [];
  try {
    const deployed = await deployedEnvironment(clients.cloudFormation, environment);
    const service = serviceAt(deployed.output('ApiUrl'));
    const account = { environment, deployed, clients, service, changes: changes(), waitMs, slowSeconds: 1 };
    await work(account, (line) => lines.push(line));
    return {
      lines,
      notRestored: await account.changes.undoAll(),
      operations: aws.operations,
      state: aws.state,
    };
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}
