import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Credentials } from './access/credentials.ts';
import { type EmulatorOptions, startEmulators } from './emulators/start.ts';
import type { StoreUse } from './emulators/write-throttle.ts';
import { startEventSource } from './event-sources.ts';
import { functionLogs } from './function-logs.ts';
import { functionsByReference } from './function-references.ts';
import { type HostedFunction, hostFunction, type InvocationResult } from './functions.ts';
import type { GrantUse } from './iam/permissions.ts';
import { restApiServer } from './rest-api/server.ts';
import { startSchedule } from './schedules.ts';
import { timeToLive } from './time-to-live.ts';

/** The host's addresses and credentials. The keys of resources are construct ids, such as `import-processes`. */
export type Endpoints = {
  api: string;
  dynamodb: string;
  sqs: string;
  s3: string;
  tables: Record<string, string>;
  queues: Record<string, string>;
  buckets: Record<string, string>;
  /** `GET /events` returns the last thousand events. */
  eventbridge: string;
  buses: Record<string, string>;
  /** The operator's credentials. Requests to the emulators must be signed. */
  credentials: Credentials;
};

export type LocalHost = {
  endpoints: Endpoints;
  /** Invokes a function by its construct id. */
  invoke(name: string, event?: unknown): Promise<InvocationResult>;
  /** Terminates a function's threads, also during invocations. */
  kill(name: string): Promise<void>;
  /** Reserves a function's concurrency. Invocations beyond it are throttled: with 0 all, with undefined none. */
  reserve(name: string, concurrency: number | undefined): void;
  /** Returns the last log lines of a function. */
  logs(name: string): string[];
  /** Returns the grants of the template that no function has used, and the denied calls. */
  useOfGrants(): Promise<GrantUse>;
  /** Returns the consumption of a throttled store's writes; undefined without throttling. */
  storeUse(): Promise<StoreUse | undefined>;
  /** Deletes the items of all tables that have expired at `now` (epoch ms), and returns their number. It also runs every hour. */
  expireItems(now: number): Promise<number>;
  /** Returns the functions' construct ids. */
  functions(): string[];
  stop(): Promise<void>;
};

export type HostOptions = EmulatorOptions & {
  /** The API's port. 0: any free port. */
  port: number;
  /** Redirects paths without a trailing slash, as Django does. Default: such a path is served like the one with it. */
  strictSlashes?: boolean;
  /** Receives a line for each error of a function and each repair of the state. */
  report?: (line: string) => void;
};

/**
 * Hosts a synthesized template on 127.0.0.1 until it is stopped.
 *
 * @throws UnsupportedTemplate before anything is started; TablesNotShared for a DynamoDB without shared tables; an error with code
 *   EADDRINUSE if the port is in use
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
  let report = options.report ?? (() => {});
  const emulators = await startEmulators(options);
  stops.push(emulators.stop);
  const { resources, resourcesOf: of, keys, dynamodb, sqsAndS3, namesOf } = emulators;
  const expiry = timeToLive(dynamodb, keys.operator, of('AWS::DynamoDB::Table'));
  stops.push(expiry.start((line) => report(line)));

  const logs = functionLogs(options.stateFolder && join(options.stateFolder, 'logs'), (line) => report(line));
  const functions = of('AWS::Lambda::Function').map((resource) => {
    const access = { ...emulators.variables, ...credentialVariables(keys.functions[resource.id]!) };
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

  // Terminating the threads fails running invocations. These errors are not reported.
  stops.push(() => {
    report = () => {};
  });

  const functionNamed = (name: string): HostedFunction => {
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
      tables: namesOf('AWS::DynamoDB::Table'),
      queues: Object.fromEntries(of('AWS::SQS::Queue').map(({ id, name }) => [id, sqsAndS3.queueUrl(name)])),
      buckets: namesOf('AWS::S3::Bucket'),
      eventbridge: emulators.eventBridge.endpoint,
      buses: namesOf('AWS::Events::EventBus'),
      credentials: keys.operator,
    },
    invoke: (name, event = {}) => functionNamed(name).invoke(event),
    kill: (name) => functionNamed(name).kill(),
    reserve: (name, concurrency) => functionNamed(name).reserve(concurrency),
    logs: logs.lines,
    useOfGrants: emulators.useOfGrants,
    storeUse: emulators.storeUse,
    expireItems: expiry.deleteExpired,
    functions: () => functions.map(({ resource }) => resource.id),
    stop,
  };
}

/** The function's access key, which identifies the caller. */
const credentialVariables = ({ accessKeyId, secretAccessKey }: Credentials): Record<string, string> => ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
});
