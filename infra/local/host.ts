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

export type HostOptions = EmulatorOptions & {
  /** 0: any free one. */
  port: number;
  /** Redirects the API's paths without the last slash, as Django does; otherwise they answer as those with it. */
  strictSlashes?: boolean;
  /** Is told in one line of each function that cannot work, and of state that had to be repaired. */
  report?: (line: string) => void;
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

  // What is at work now fails because its thread is ended.
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

/** A function's access key says who calls. */
const credentialVariables = ({ accessKeyId, secretAccessKey }: Credentials): Record<string, string> => ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
});
