import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { accessKeys, newCredentials } from '../../infra/local/access/credentials.ts';
import { startDynamoDB } from '../../infra/local/emulators/dynamodb.ts';
import { type LocalHost, startHost } from '../../infra/local/host.ts';
import { REGION } from '../../infra/local/resource.ts';
import { seed } from '../../infra/local/seed.ts';
import { importStore } from '../../shared/imports/storage/store.ts';
import { startDynamoDBMeter } from './dynamodb-meter.ts';
import { startEventMeter } from './event-meter.ts';
import { startInvocationMeter } from './invocation-meter.ts';
import { startRequestMeter } from './request-meter.ts';
import { type Amounts, Tally } from './tally.ts';
import type { TemplateFacts } from './template-facts.ts';
import { createImports, dropRows, type Service, sendRequests } from './traffic.ts';

export type MeasureOptions = {
  /** The cloud assembly's folder, and the stack in it. */
  assembly: string;
  stackName: string;
  facts: TemplateFacts;
  /** Number of imports by the endpoint, and of rows of the drop. */
  imports: number;
  rows: number;
  /** Concurrent requests for imports. SQS delivers more messages in a batch when more arrive. */
  atOnce: number;
};

/** Total consumption of all imports, of all rows of the drop, and of the requests to validate and status. */
export type Measured = { imports: Amounts; rows: Amounts; validations: Amounts; statuses: Amounts };

/** When nothing was counted for this long, the work has ended: no step of an import starts later after the one before it. */
const QUIET_MS = 2_500;
/** Runs before the measurement, which excludes cold starts: compilation, connections and caches. */
const WARM_UP = { imports: 10, rows: 20 };

/**
 * Measures twice on a local host in memory: through the DynamoDB meter for capacity and events, and without it for durations, because
 * the meter slows every call.
 */
export async function measure(options: MeasureOptions): Promise<Measured> {
  const metered = await measureOnce(options, true);
  const timed = await measureOnce(options, false);
  const of = (name: keyof Measured): Amounts => ({
    ...timed[name],
    ...Object.fromEntries(
      Object.entries(metered[name]).filter(([key]) => /^(write|read|event|archived|stored)/.test(key)),
    ),
  });
  return {
    imports: of('imports'),
    rows: of('rows'),
    validations: of('validations'),
    statuses: of('statuses'),
  };
}

/**
 * Measures once, with or without the DynamoDB meter.
 *
 * @throws Error if the meter has no price for a call
 */
export async function measureOnce(options: MeasureOptions, isMetered: boolean): Promise<Measured> {
  const { assembly, stackName, facts } = options;
  const tally = new Tally();
  await using stops = new AsyncDisposableStack();
  const operator = newCredentials();
  const dynamodb = isMetered ? await startDynamoDB(undefined, accessKeys([], operator)) : undefined;
  if (dynamodb !== undefined) stops.defer(() => dynamodb.stop());
  const meter =
    dynamodb && (await startDynamoDBMeter({ endpoint: dynamodb.endpoint, operator }, facts.tables, tally));
  if (meter !== undefined) stops.defer(() => meter.stop());
  const events = isMetered ? await startEventMeter(tally) : undefined;
  if (events !== undefined) stops.defer(() => events.stop());
  const invocations = startInvocationMeter(facts.functionOf, tally);
  stops.defer(() => invocations.stop());

  const host = await startHost({
    assembly,
    stackName,
    port: 0,
    credentials: operator,
    ...(meter !== undefined && { dynamodbEndpoint: meter.endpoint }),
    ...(events !== undefined && { forwardEventsTo: events.url }),
  });
  stops.defer(() => host.stop());
  const requests = startRequestMeter(host.endpoints, tally);
  stops.defer(() => requests.stop());
  const service = await serviceOf(host, dynamodb?.endpoint ?? host.endpoints.dynamodb);
  stops.defer(() => service.close());

  const measured = await measureTraffic(service, options, tally);
  if (meter !== undefined && meter.unknown.size > 0) {
    throw new Error(`The meter has no price for ${[...meter.unknown].join(', ')}.`);
  }
  return measured;
}

async function measureTraffic(
  service: Service,
  { imports, rows, atOnce }: MeasureOptions,
  tally: Tally,
): Promise<Measured> {
  await sendRequests(service, 'validate', WARM_UP.imports);
  await createImports(service, WARM_UP.imports);
  await sendRequests(service, 'status', WARM_UP.imports);
  await dropRows(service, WARM_UP.rows);
  await tally.quiet(QUIET_MS);
  const during = (work: () => Promise<void>) => tally.during(work, QUIET_MS);
  return {
    imports: await during(() => createImports(service, imports, atOnce)),
    rows: await during(() => dropRows(service, rows)),
    validations: await during(() => sendRequests(service, 'validate', imports)),
    statuses: await during(() => sendRequests(service, 'status', imports)),
  };
}

/** Seeds the host and returns its clients. Reads of import records bypass the meter. */
async function serviceOf({ endpoints }: LocalHost, dynamodb: string): Promise<Service> {
  const { token } = await seed(endpoints, {});
  const { credentials } = endpoints;
  const client = new DynamoDBClient({ endpoint: dynamodb, region: REGION, credentials });
  const table = endpoints.tables['import-processes']!;
  return {
    endpoints,
    token,
    imports: importStore(DynamoDBDocumentClient.from(client), table, {
      keptDays: undefined,
      clock: Date.now,
    }),
    nextIdentifier: 4_001_000_000,
    drops: 0,
    close: () => client.destroy(),
  };
}
