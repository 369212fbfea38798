import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { accessKeys, newCredentials } from '../../infra/local/access/credentials.ts';
import { startDynamoDB } from '../../infra/local/emulators/dynamodb.ts';
import { type LocalHost, startHost } from '../../infra/local/host.ts';
import { REGION } from '../../infra/local/resource.ts';
import { seed } from '../../infra/local/seed.ts';
import { importStore } from '../../shared/imports/store.ts';
import { startDynamoDBMeter } from './dynamodb-meter.ts';
import { startEventMeter } from './event-meter.ts';
import { startInvocationMeter } from './invocation-meter.ts';
import { startRequestMeter } from './request-meter.ts';
import { type Amounts, Tally } from './tally.ts';
import type { TemplateFacts } from './template-facts.ts';
import { createImports, dropRows, type Service, validateAndAsk } from './traffic.ts';

export type MeasureOptions = {
  /** The cloud assembly's folder, and the stack in it. */
  assembly: string;
  stackName: string;
  facts: TemplateFacts;
  /** Imports by the endpoint, and rows of the drop. */
  imports: number;
  rows: number;
};

/** What all imports, and all rows of the drop, consumed. */
export type Measured = { imports: Amounts; rows: Amounts; validations: Amounts; statuses: Amounts };

/** Nothing that an import needs takes longer to begin after what was before it. */
const QUIET_MS = 2_500;
/** What compiles, connects and remembers is to be done by then: cold starts are no part of what is measured. */
const WARM_UP = { imports: 10, rows: 20 };

/**
 * Measures on a local host in memory, twice: through a meter before DynamoDB, which makes every call slower, for what is
 * consumed there; and without it, for how long functions take.
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
 * Measures once: through the meter before DynamoDB, or without.
 *
 * @throws Error where a call was made whose price is not known.
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
    throw new Error(`The meter does not know what ${[...meter.unknown].join(', ')} consumes.`);
  }
  return measured;
}

async function measureTraffic(
  service: Service,
  { imports, rows }: MeasureOptions,
  tally: Tally,
): Promise<Measured> {
  await validateAndAsk(service, 'validate', WARM_UP.imports);
  await createImports(service, WARM_UP.imports);
  await validateAndAsk(service, 'status', WARM_UP.imports);
  await dropRows(service, WARM_UP.rows);
  await tally.quiet(QUIET_MS);
  const during = (work: () => Promise<void>) => tally.during(work, QUIET_MS);
  return {
    imports: await during(() => createImports(service, imports)),
    rows: await during(() => dropRows(service, rows)),
    validations: await during(() => validateAndAsk(service, 'validate', imports)),
    statuses: await during(() => validateAndAsk(service, 'status', imports)),
  };
}

/** The host as its clients see it. What is looked at behind the API is looked at past the meter. */
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
