import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { accessKeys, type Credentials } from './access/credentials.ts';
import { startDynamoDB } from './emulators/dynamodb.ts';
import { startEventBridge } from './emulators/eventbridge.ts';
import { type S3Event, startSqsAndS3 } from './emulators/sqs-s3.ts';
import type { StoreUnits, StoreUse } from './emulators/write-throttle.ts';
import { startEventSource } from './event-sources.ts';
import { functionLogs } from './function-logs.ts';
import { functionsByReference } from './function-references.ts';
import { type HostedFunction, hostFunction, type InvocationResult } from './functions.ts';
import { type Iam, iamOf, resourcesForIam } from './iam/iam.ts';
import type { GrantUse } from './iam/permissions.ts';
import { s3Notifications } from './notifications.ts';
import { createQueues } from './queues.ts';
import type { Resource } from './resource.ts';
import { restApiServer } from './rest-api/server.ts';
import { startSchedule } from './schedules.ts';
import { createTables, mustBeShared } from './tables.ts';
import { loadTemplate } from './template.ts';
import { timeToLive } from './time-to-live.ts';
import { shapeOf } from './write-units.ts';

/** Where everything is; names by the ids of their constructs, such as `import-processes`. */
export type Endpoints = {
  api: string;
  dynamodb: string;
  sqs: string;
  s3: string;
  tables: Record<string, string>;
  queues: Record<string, string>;
  buckets: Record<string, string>;
  /** Its `/events` answers the last thousand. */
  eventbridge: string;
  buses: Record<string, string>;
  /** What requests to all of these but the API must be signed with. */
  credentials: Credentials;
};

export type LocalHost = {
  endpoints: Endpoints;
  /** Invokes a function by its name, as a schedule would. */
  invoke(name: string, event?: unknown): Promise<InvocationResult>;
  /** Ends a function's threads in the middle of whatever they do. */
  kill(name: string): Promise<void>;
  /** Reserves a function's concurrency: invocations beyond it are throttled; 0 throttles all, undefined none. */
  reserve(name: string, concurrency: number | undefined): void;
  /** What the functions wrote to their logs lately: the last lines of each. */
  logs(name: string): string[];
  /** What the template allows its functions and none of them has done so far; and what they tried, and it does not allow. */
  useOfGrants(): Promise<GrantUse>;
  /** What the throttled store's writes consumed; undefined where it is not throttled. */
  storeUse(): Promise<StoreUse | undefined>;
  /** Deletes the items of all tables that have expired at that time (epoch ms), as happens every hour; answers how many. */
  expireItems(now: number): Promise<number>;
  /** The functions' names. */
  functions(): string[];
  stop(): Promise<void>;
};

export type HostOptions = {
  /** The cloud assembly's folder, and the stack in it. */
  assembly: string;
  stackName: string;
  /** 0: any free one. */
  port: number;
  /** Where state is kept between runs; undefined: nowhere. */
  stateFolder?: string;
  /** Another DynamoDB than the embedded one, such as DynamoDB Local. */
  dynamodbEndpoint?: string;
  /** Redirects the API's paths without the last slash, as Django does; otherwise they answer as those with it. */
  strictSlashes?: boolean;
  /** A URL that each event of the template's buses is posted to. */
  forwardEventsTo?: string;
  /** Is told in one line of each function that cannot work, and of state that had to be repaired. */
  report?: (line: string) => void;
  /** The operator's credentials; new ones unless given. */
  credentials?: Credentials;
  /** Throttles writes to the embedded DynamoDB to so many units a second. */
  storeUnits?: StoreUnits;
};

/**
 * Hosts a synthesized template on this machine, at 127.0.0.1, until it is stopped.
 *
 * @throws UnsupportedTemplate before anything is started; TablesNotShared for another DynamoDB that the functions cannot use; an error with
 * code EADDRINUSE for a taken port.
 */
export async function startHost(options: HostOptions): Promise<LocalHost> {
  const stops: (() => Promise<unknown> | unknown)[] = [];
  const stop = async () => {
    for (const step of stops.splice(0).reverse()) await step();
  };
  try {
    return await start(options, stops, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  options: HostOptions,
  stops: (() => Promise<unknown> | unknown)[],
  stop: () => Promise<void>,
): Promise<LocalHost> {
  const state = (name: string) =>
    options.stateFolder === undefined ? undefined : join(options.stateFolder, name);
  let report = options.report ?? (() => {});
  let queueUrl = (_name: string): string => '';
  const resources = loadTemplate(options.assembly, options.stackName, { queueUrl: (name) => queueUrl(name) });
  const of = (type: string): Resource[] => resources.filter((resource) => resource.type === type);

  const keys = accessKeys(
    of('AWS::Lambda::Function').map(({ id }) => id),
    options.credentials,
  );
  const emulator =
    options.dynamodbEndpoint === undefined
      ? await startDynamoDB(state('dynamodb'), keys, options.report)
      : undefined;
  if (emulator !== undefined) stops.push(emulator.stop);
  const dynamodb = options.dynamodbEndpoint ?? emulator!.endpoint;
  let iam: Iam | undefined;
  let notify = (_event: S3Event): void => {};
  const sqsAndS3 = await startSqsAndS3(
    state('sqs-s3'),
    keys,
    (event) => notify(event),
    () => iam,
    options.report,
  );
  stops.push(sqsAndS3.stop);
  queueUrl = sqsAndS3.queueUrl;
  const eventBridge = await startEventBridge(
    of('AWS::Events::EventBus').map(({ name }) => name),
    options.forwardEventsTo,
    keys,
    () => iam,
  );
  stops.push(eventBridge.stop);
  await createTables(dynamodb, keys.operator, of('AWS::DynamoDB::Table'));
  if (emulator === undefined) await mustBeShared(dynamodb, keys.functions, of('AWS::DynamoDB::Table'));
  const expiry = timeToLive(dynamodb, keys.operator, of('AWS::DynamoDB::Table'));
  stops.push(expiry.start((line) => report(line)));
  createQueues(sqsAndS3, of('AWS::SQS::Queue'));
  for (const bucket of of('AWS::S3::Bucket')) sqsAndS3.putBucket(bucket.name);
  notify = s3Notifications(of('AWS::S3::Bucket'), sqsAndS3);

  // When the queues have their URLs: policies name what they allow.
  const guarded = resourcesForIam(resources);
  iam = iamOf(guarded);
  emulator?.guardBy(guarded);
  if (options.storeUnits !== undefined) {
    const shapes = of('AWS::DynamoDB::Table').map(
      (table) => [table.name, shapeOf(table.properties())] as const,
    );
    emulator?.throttleTo(options.storeUnits, new Map(shapes));
  }

  const logs = functionLogs(state('logs'), (line) => report(line));
  const variables = {
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
    AWS_ENDPOINT_URL_SQS: sqsAndS3.endpoint,
    AWS_ENDPOINT_URL_S3: sqsAndS3.endpoint,
    AWS_ENDPOINT_URL_EVENTBRIDGE: eventBridge.endpoint,
  };
  const functions = of('AWS::Lambda::Function').map((resource) => {
    const access = { ...variables, ...credentialVariables(keys.functions[resource.id]!) };
    const hosted = hostFunction(resource, access, logs.writer(resource.id));
    const invoke: HostedFunction['invoke'] = async (event, trace) => {
      const outcome = await hosted.invoke(event, trace);
      logs.invoked(resource.id, outcome);
      return outcome;
    };
    return { ...hosted, invoke };
  });
  stops.push(() => Promise.all(functions.map((hosted) => hosted.kill())));
  const functionOf = functionsByReference(functions, of('AWS::Lambda::Alias'));

  const server = restApiServer(
    resources,
    (uri) => functionOf(/functions\/(.+)\/invocations$/.exec(uri)![1]!)!,
    { strictSlashes: options.strictSlashes ?? false },
  );
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(options.port, '127.0.0.1', done);
  });
  stops.push(() => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });
  const sources = of('AWS::Lambda::EventSourceMapping').map((mapping) =>
    startEventSource(mapping, functionOf, sqsAndS3, keys.functions),
  );
  stops.push(() => Promise.all(sources.map((source) => source.stop())));
  for (const rule of of('AWS::Events::Rule')) stops.push(startSchedule(rule, functionOf));

  // What is at work now fails because its thread is ended.
  stops.push(() => {
    report = () => {};
  });

  const names = (type: string, nameOf: (resource: Resource) => string) =>
    Object.fromEntries(of(type).map((resource) => [resource.id, nameOf(resource)]));
  const called = (name: string): HostedFunction => {
    const found = functions.find(({ resource }) => resource.id === name);
    if (found === undefined) throw new Error(`There is no function ${name}.`);
    return found;
  };
  return {
    endpoints: {
      api: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      dynamodb,
      sqs: sqsAndS3.endpoint,
      s3: sqsAndS3.endpoint,
      tables: names('AWS::DynamoDB::Table', ({ name }) => name),
      queues: names('AWS::SQS::Queue', ({ name }) => sqsAndS3.queueUrl(name)),
      buckets: names('AWS::S3::Bucket', ({ name }) => name),
      eventbridge: eventBridge.endpoint,
      buses: names('AWS::Events::EventBus', ({ name }) => name),
      credentials: keys.operator,
    },
    invoke: (name, event = {}) => called(name).invoke(event),
    kill: (name) => called(name).kill(),
    reserve: (name, concurrency) => called(name).reserve(concurrency),
    logs: logs.lines,
    async useOfGrants() {
      const [here, there] = [iam.grantUse(), await emulator?.useOfGrants()];
      const unusedThere = new Set(there?.unused.map(({ id }) => id));
      return {
        unused: here.unused.filter(({ id }) => there === undefined || unusedThere.has(id)),
        denied: [...here.denied, ...(there?.denied ?? [])],
      };
    },
    storeUse: async () => emulator?.storeUse(),
    expireItems: expiry.pass,
    functions: () => functions.map(({ resource }) => resource.id),
    stop,
  };
}

/** A function's access key says who calls. */
const credentialVariables = ({ accessKeyId, secretAccessKey }: Credentials): Record<string, string> => ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
});
