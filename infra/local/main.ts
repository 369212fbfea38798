// The entry point of `npm start`, loaded by start.cjs: synthesizes the dev environment and hosts it on this machine.
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { pathOf } from '../../shared/api/operations.ts';
import type { LocalHost } from './host.ts';
import type { DevelopmentTokens } from './seed.ts';
import {
  emptyFolder,
  FolderInUse,
  lockFolder,
  memoryFile,
  NotAStateFolder,
  readEndpoints,
  removeStaleFiles,
  writeEndpoints,
} from './state-folder.ts';

const USAGE = `npm start [-- options]

  --fresh           delete the state of earlier runs first
  --memory          keep all state in memory; several such hosts can run at the same time
  --state <folder>  folder for the state and endpoints.json (default: .local); with --memory, for memory-<port>.json
  --assembly <folder>
                    host this cloud assembly of the dev environment, which cdk synth has written, instead of a new one
  --strict-slashes  redirect the API's paths without a trailing slash with 301, as Django does
  --store-units <n> throttle writes to so many write units per second for each table, index and partition
                    key, as <n> or as <table>,<partition key> (default: no throttling)
  --help            print this

  PORT               port of the API on 127.0.0.1 (default: 3000; 0: any free port)
  DYNAMODB_ENDPOINT  endpoint of a DynamoDB instead of the embedded one, such as DynamoDB Local with -sharedDb
  EVENTS_FORWARD_TO  URL to which each event of the event bus is posted`;

const PORT_DEFAULT = 3000;
/** Write units a second of one partition (source: DynamoDB guide, "Partitions and data distribution"). */
const PARTITION_UNITS = 1000;
const STATE_FOLDER_DEFAULT = join(import.meta.dirname, '../../.local');
const ENVIRONMENT = 'dev';
const STACK_NAME = `supply-point-import-${ENVIRONMENT}`;
/** How long a signal waits for the host to stop before the process exits. */
const STOP_TIMEOUT_MS = 1_600;

/** Thrown for invalid options or environment variables. Its message is printed without a stack trace. */
class UsageError extends Error {}

async function main(): Promise<void> {
  const { help, fresh, memory, state: folder, 'strict-slashes': strictSlashes, ...others } = options();
  if (help) {
    console.log(USAGE);
    return;
  }
  const port = portFrom(process.env['PORT']);
  const dynamodbEndpoint = urlFrom('DYNAMODB_ENDPOINT');
  const forwardEventsTo = urlFrom('EVENTS_FORWARD_TO');
  const given = assemblyFrom(others.assembly);
  const storeUnits = storeUnitsFrom(others['store-units'], dynamodbEndpoint);
  await assertPortFree(port);
  // The state contains personal data and keys: only the user may read the files (600, folders 700).
  process.umask(0o077);
  if (!memory) lockFolder(folder);
  if (fresh && !memory) emptyFolder(folder);
  const earlier = memory ? {} : readEndpoints(folder);

  const assembly = given ?? (await synthesize());
  const { startHost } = await import('./host.ts');
  const host = await startHost({
    assembly,
    stackName: STACK_NAME,
    port,
    strictSlashes,
    report: (line) => console.error(line),
    ...(memory ? {} : { stateFolder: folder }),
    ...(dynamodbEndpoint === undefined ? {} : { dynamodbEndpoint }),
    ...(forwardEventsTo === undefined ? {} : { forwardEventsTo }),
    ...(earlier.credentials === undefined ? {} : { credentials: earlier.credentials }),
    ...(storeUnits === undefined ? {} : { storeUnits }),
  });
  stopOnSignals(host);
  const { seed } = await import('./seed.ts');
  const tokens = await seed(host.endpoints, earlier);
  const file = publish(folder, memory, { ...host.endpoints, ...tokens, pid: process.pid });
  announce(host, tokens, { file, logs: memory ? undefined : join(folder, 'logs') });
}

/** Writes the host's endpoints to its file, for other tools, and returns the file's path. */
function publish(folder: string, memory: boolean, endpoints: { api: string; pid: number }): string {
  if (!memory) return writeEndpoints(folder, endpoints);
  removeStaleFiles(folder);
  const file = writeEndpoints(folder, endpoints, memoryFile(endpoints.api));
  process.once('exit', () => rmSync(file, { force: true }));
  return file;
}

function options() {
  try {
    return parseArgs({
      options: {
        fresh: { type: 'boolean', default: false },
        memory: { type: 'boolean', default: false },
        'strict-slashes': { type: 'boolean', default: false },
        state: { type: 'string', default: STATE_FOLDER_DEFAULT },
        assembly: { type: 'string' },
        'store-units': { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

function portFrom(text: string | undefined): number {
  if (text === undefined || text === '') return PORT_DEFAULT;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new UsageError(`PORT is ${text}, which is no port.`);
  return port;
}

/** Parses --store-units: write units per second of a table or index, and of a partition key (default: at most 1,000, as in DynamoDB). */
function storeUnitsFrom(text: string | undefined, dynamodbEndpoint: string | undefined) {
  if (text === undefined) return undefined;
  if (dynamodbEndpoint !== undefined)
    throw new UsageError('--store-units throttles the embedded DynamoDB only, and DYNAMODB_ENDPOINT is set.');
  const [, table, partition] = /^([1-9]\d*)(?:,([1-9]\d*))?$/.exec(text) ?? [];
  if (table === undefined) throw new UsageError(`--store-units is ${text}, which is no number such as 500.`);
  return { table: Number(table), partition: Number(partition ?? Math.min(Number(table), PARTITION_UNITS)) };
}

/** Checks the port before the start, which takes seconds. @throws an error with code EADDRINUSE or EACCES */
async function assertPortFree(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}

function urlFrom(variable: string): string | undefined {
  const text = process.env[variable] || undefined;
  if (text !== undefined && !/^https?:$/.test(URL.parse(text)?.protocol ?? ''))
    throw new UsageError(`${variable} is ${text}, which is no URL such as http://127.0.0.1:8000.`);
  return text;
}

function assemblyFrom(folder: string | undefined): string | undefined {
  if (folder !== undefined && !existsSync(join(folder, `${STACK_NAME}.template.json`)))
    throw new UsageError(`--assembly is ${folder}, which has no ${STACK_NAME}.template.json.`);
  return folder;
}

/** Synthesizes the cloud assembly into a temporary folder, which is deleted when the process exits. */
async function synthesize(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-'));
  // A function's thread that is being terminated may still write into the folder: the deletion is then tried again.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  // CDK's validation takes longer than the rest of the start. It runs in the tests and on deployment.
  process.env['CDK_VALIDATION'] ??= 'false';
  // Loaded lazily: loading CDK takes half a second, and an invalid command should fail at once.
  const { buildApp } = await import('../synthesize.ts');
  buildApp({ environment: ENVIRONMENT, outdir: folder }).synth();
  return folder;
}

function announce(
  { endpoints }: LocalHost,
  { token, viewerToken }: DevelopmentTokens,
  { file, logs }: { file: string; logs: string | undefined },
): void {
  const supplyPoints = `${endpoints.api}${pathOf('create')}`;
  const short = (path: string): string => relative(process.cwd(), path);
  console.log(`
  console    ${endpoints.api}${pathOf('console')}#token=${token}
  reference  ${endpoints.api}${pathOf('docs')}
  API        ${supplyPoints}
  token      ${token}
  viewer     ${viewerToken}
  DynamoDB   ${endpoints.dynamodb}
  SQS, S3    ${endpoints.sqs}
  all this   ${short(file)}${logs === undefined ? '' : `\n  logs       ${short(logs)}/`}

  Try:
  curl -H 'Authorization: Token ${token}' -H 'Content-Type: application/json' -d @examples/guide-example.json ${endpoints.api}${pathOf('validate')}

ready ${endpoints.api}`);
}

/** Stops the host on the first signal. Ctrl-C arrives twice, from the terminal and from npm. */
function stopOnSignals(host: LocalHost): void {
  let isStopping = false;
  const stop = async () => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(0), STOP_TIMEOUT_MS);
    await host.stop();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
}

/** Returns the message for an error: one line if the user can fix it, otherwise the stack trace. */
function explain(error: unknown): string {
  const { code, message, stack } = error as NodeJS.ErrnoException;
  const port = process.env['PORT'] || PORT_DEFAULT;
  if (code === 'EADDRINUSE') return `Port ${port} is taken: set PORT to another, or to 0.`;
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return `Not permitted: ${message}.`;
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND')
    return `DYNAMODB_ENDPOINT is ${process.env['DYNAMODB_ENDPOINT']}, where nothing answers.`;
  if (error instanceof FolderInUse) return `${message} Stop it, or use --memory or another --state.`;
  if (error instanceof NotAStateFolder) return `${message} Name another folder with --state.`;
  // Compared by name, because importing TablesNotShared would load the AWS SDK before the options are checked.
  if (error instanceof UsageError || (error as Error).name === 'TablesNotShared') return message;
  return stack ?? String(error);
}

try {
  await main();
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}
