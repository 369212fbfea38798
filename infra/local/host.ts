import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Credentials } from './access/credentials.ts';
import { type EmulatorOptions, type Emulators, startEmulators } from './emulators/start.ts';
import type { StoreUse } from './emulators/write-throttle.ts';
import { startEventSource } from './event-sources.ts';
import { functionLogs } from './function-logs.ts';
import { functionsByReference } from './function-references.ts';
import { type HostedFunction, hostFunction, type InvocationResult } from './functions.ts';
import type { GrantUse } from './iam/permissions.ts';
import { restApiServer } from './rest-api/server.ts';
import { startSchedule } from './schedules.ts';
import { type StopSteps, startInSteps } from './stop-steps.ts';
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
export const startHost = (options: HostOptions): Promise<LocalHost> =>
  startInSteps((steps) => start(options, steps));

/** Starts the emulators, the functions, the API that invokes them, and at last the event sources and schedules. */
async function start(options: HostOptions, steps: StopSteps): Promise<LocalHost> {
  const reporter = errorReporter(options.report);
  let server: Server | undefined;
  const apiOrigins = (): string[] => (server === undefined ? [] : originsOf(server));
  const emulators = await startEmulators({ ...options, apiOrigins });
  steps.add(emulators.stop);
  const tables = emulators.resourcesOf('AWS::DynamoDB::Table');
  const expiry = timeToLive(emulators.dynamodb, emulators.keys.operator, tables);
  steps.add(expiry.start(reporter.report));
  const hosted = hostFunctions(emulators, options.stateFolder, reporter.report);
  steps.add(() => Promise.all(hosted.functions.map((each) => each.kill())));
  server = await listen(options, emulators.resources, hosted.byReference);
  const api = server;
  steps.add(() => closed(api));
  steps.add(...startTriggers(emulators, hosted.byReference));
  // Runs before the threads are terminated, which fails running invocations. These errors are not reported.
  steps.add(reporter.silence);
  return {
    endpoints: endpointsOf(emulators, api),
    invoke: (name, event = {}) => hosted.named(name).invoke(event),
    kill: (name) => hosted.named(name).kill(),
    reserve: (name, concurrency) => hosted.named(name).reserve(concurrency),
    logs: hosted.logs.lines,
    useOfGrants: emulators.useOfGrants,
    storeUse: emulators.storeUse,
    expireItems: expiry.deleteExpired,
    functions: () => hosted.functions.map(({ resource }) => resource.id),
    stop: () => steps.run(),
  };
}

type FunctionByReference = ReturnType<typeof functionsByReference>;

/** Passes lines on until it is silenced. */
function errorReporter(receive: (line: string) => void = () => {}) {
  let isSilent = false;
  return {
    report: (line: string) => {
      if (!isSilent) receive(line);
    },
    silence: () => {
      isSilent = true;
    },
  };
}

/** Hosts the template's functions, with the access keys of their roles. Logs their lines. */
function hostFunctions(
  { resourcesOf, variables, keys }: Emulators,
  stateFolder: string | undefined,
  report: (line: string) => void,
) {
  const logs = functionLogs(stateFolder && join(stateFolder, 'logs'), report);
  const functions = resourcesOf('AWS::Lambda::Function').map((resource): HostedFunction => {
    const access = { ...variables, ...credentialVariables(keys.functions[resource.id]!) };
    const hosted = hostFunction(resource, access, logs.writer(resource.id));
    const invoke: HostedFunction['invoke'] = async (event, trace) => {
      const outcome = await hosted.invoke(event, trace);
      logs.invoked(resource.id, outcome);
      return outcome;
    };
    return { ...hosted, invoke };
  });
  const named = (name: string): HostedFunction => {
    const found = functions.find(({ resource }) => resource.id === name);
    if (found === undefined) throw new Error(`There is no function ${name}.`);
    return found;
  };
  return {
    functions,
    named,
    byReference: functionsByReference(functions, resourcesOf('AWS::Lambda::Alias')),
    logs,
  };
}

/** Starts the API's server. @throws an error with code EADDRINUSE if the port is in use */
async function listen(
  { port, strictSlashes = false }: HostOptions,
  resources: Emulators['resources'],
  byReference: FunctionByReference,
): Promise<Server> {
  const functionOfUri = (uri: string) => byReference(/functions\/(.+)\/invocations$/.exec(uri)![1]!)!;
  const server = restApiServer(resources, functionOfUri, { strictSlashes });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', done);
  });
  return server;
}

/** The origins of pages that the API serves. */
const originsOf = (server: Server): string[] =>
  ['127.0.0.1', 'localhost'].map((name) => `http://${name}:${(server.address() as AddressInfo).port}`);

function closed(server: Server): Promise<unknown> {
  server.closeAllConnections();
  return new Promise((done) => server.close(done));
}

/** Starts the event sources and schedules. Returns the functions that stop them. */
function startTriggers(
  { resourcesOf, sqsAndS3, keys }: Emulators,
  byReference: FunctionByReference,
): (() => Promise<unknown> | unknown)[] {
  const sources = resourcesOf('AWS::Lambda::EventSourceMapping').map((mapping) =>
    startEventSource(mapping, byReference, sqsAndS3, keys.functions),
  );
  const schedules = resourcesOf('AWS::Events::Rule').map((rule) => startSchedule(rule, byReference));
  return [() => Promise.all(sources.map((source) => source.stop())), ...schedules];
}

function endpointsOf(emulators: Emulators, server: Server): Endpoints {
  const { resourcesOf, namesOf, sqsAndS3, keys } = emulators;
  return {
    api: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    dynamodb: emulators.dynamodb,
    sqs: sqsAndS3.endpoint,
    s3: sqsAndS3.endpoint,
    tables: namesOf('AWS::DynamoDB::Table'),
    queues: Object.fromEntries(
      resourcesOf('AWS::SQS::Queue').map(({ id, name }) => [id, sqsAndS3.queueUrl(name)]),
    ),
    buckets: namesOf('AWS::S3::Bucket'),
    eventbridge: emulators.eventBridge.endpoint,
    buses: namesOf('AWS::Events::EventBus'),
    credentials: keys.operator,
  };
}

/** The function's access key, which identifies the caller. */
const credentialVariables = ({ accessKeyId, secretAccessKey }: Credentials): Record<string, string> => ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
});
