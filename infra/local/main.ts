// What `npm start` runs, by start.cjs: synthesizes the dev environment and hosts it on this machine.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
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

  --fresh           begin anew: forget the state of earlier runs
  --memory          keep nothing, and leave the state of other runs alone; several may run side by side
  --state <folder>  where state and endpoints.json are kept (.local unless set); with --memory, where memory-<port>.json is
  --strict-slashes  redirect the API's paths without the last slash with 301, as Django does
  --store-units <n> throttle writes: units a second that each table, index and partition key takes, as
                    <n> or as <table>,<partition key>; off unless set
  --help            say this

  PORT               where the API listens on 127.0.0.1 (3000 unless set; 0: any free port)
  DYNAMODB_ENDPOINT  another DynamoDB than the embedded one, such as DynamoDB Local with -sharedDb
  EVENTS_FORWARD_TO  a URL that each event of the event bus is posted to`;

const PORT_DEFAULT = 3000;
/** Write units a second of one partition (source: DynamoDB guide, "Partitions and data distribution"). */
const PARTITION_UNITS = 1000;
const STATE_FOLDER_DEFAULT = join(import.meta.dirname, '../../.local');
const ENVIRONMENT = 'dev';
/** What is not over by then is broken off, as by a kill. */
const STOP_TIMEOUT_MS = 1_600;

/** A wrong command: said in one line. */
class WrongUse extends Error {}

async function main(): Promise<void> {
  const { help, fresh, memory, state: folder, 'strict-slashes': strictSlashes, ...others } = options();
  if (help) {
    console.log(USAGE);
    return;
  }
  const port = portFrom(process.env['PORT']);
  const dynamodbEndpoint = urlFrom('DYNAMODB_ENDPOINT');
  const forwardEventsTo = urlFrom('EVENTS_FORWARD_TO');
  const storeUnits = storeUnitsFrom(others['store-units'], dynamodbEndpoint);
  await assertPortFree(port);
  // What is kept here are people's data and keys: files are the user's alone (600, folders 700).
  process.umask(0o077);
  if (!memory) lockFolder(folder);
  if (fresh && !memory) emptyFolder(folder);
  const earlier = memory ? {} : readEndpoints(folder);

  const assembly = await synthesize();
  const { startHost } = await import('./host.ts');
  const host = await startHost({
    assembly,
    stackName: `supply-point-import-${ENVIRONMENT}`,
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

/** Writes where tools find this host, and answers the file. Each host has its own. */
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
        'store-units': { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new WrongUse(`${(error as Error).message}\n\n${USAGE}`);
  }
}

function portFrom(text: string | undefined): number {
  if (text === undefined || text === '') return PORT_DEFAULT;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new WrongUse(`PORT is ${text}, which is no port.`);
  return port;
}

/** Write units a second for a table or index, and for a partition key: at most 1,000, as in DynamoDB, unless told otherwise. */
function storeUnitsFrom(text: string | undefined, dynamodbEndpoint: string | undefined) {
  if (text === undefined) return undefined;
  if (dynamodbEndpoint !== undefined)
    throw new WrongUse('--store-units throttles the embedded DynamoDB only, and DYNAMODB_ENDPOINT is set.');
  const [, table, partition] = /^([1-9]\d*)(?:,([1-9]\d*))?$/.exec(text) ?? [];
  if (table === undefined) throw new WrongUse(`--store-units is ${text}, which is no number such as 500.`);
  return { table: Number(table), partition: Number(partition ?? Math.min(Number(table), PARTITION_UNITS)) };
}

/** Found out first, as the rest of the start takes seconds. @throws an error with code EADDRINUSE or EACCES. */
async function assertPortFree(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}

function urlFrom(variable: string): string | undefined {
  const text = process.env[variable] || undefined;
  if (text !== undefined && !/^https?:$/.test(URL.parse(text)?.protocol ?? ''))
    throw new WrongUse(`${variable} is ${text}, which is no URL such as http://127.0.0.1:8000.`);
  return text;
}

/** The folder of the cloud assembly, which is there as long as this process. */
async function synthesize(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  // CDK's own check of the template takes longer than the rest of the start: it is done where the template is tested or deployed.
  process.env['CDK_VALIDATION'] ??= 'false';
  // Loaded only now: CDK takes half a second, which nobody should wait for to be told of a wrong command.
  const { buildApp } = await import('../synthesize.ts');
  buildApp({ environment: ENVIRONMENT, outdir: folder }).synth();
  return folder;
}

function announce(
  { endpoints }: LocalHost,
  { token, viewerToken }: DevelopmentTokens,
  { file, logs }: { file: string; logs: string | undefined },
): void {
  const supplyPoints = `${endpoints.api}/v2/data-import/supply-points/`;
  const short = (path: string): string => relative(process.cwd(), path);
  console.log(`
  API        ${supplyPoints}
  token      ${token}
  viewer     ${viewerToken}
  DynamoDB   ${endpoints.dynamodb}
  SQS, S3    ${endpoints.sqs}
  all this   ${short(file)}${logs === undefined ? '' : `\n  logs       ${short(logs)}/`}

  Try:
  curl -H 'Authorization: Token ${token}' -H 'Content-Type: application/json' -d @examples/guide-example.json ${supplyPoints}validate/

ready ${endpoints.api}`);
}

/** Stops once, however often it is told to: a terminal and npm both pass Ctrl-C on. */
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

/** What is the user's to mend is said in one line; a fault of ours with its stack. */
function explain(error: unknown): string {
  const { code, message, stack } = error as NodeJS.ErrnoException;
  const port = process.env['PORT'] || PORT_DEFAULT;
  if (code === 'EADDRINUSE') return `Port ${port} is taken: set PORT to another, or to 0.`;
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return `Not permitted: ${message}.`;
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND')
    return `DYNAMODB_ENDPOINT is ${process.env['DYNAMODB_ENDPOINT']}, where nothing answers.`;
  if (error instanceof FolderInUse) return `${message} Stop it, or use --memory or another --state.`;
  if (error instanceof NotAStateFolder) return `${message} Name another folder with --state.`;
  // Its module has the AWS SDK, which the start of a wrong command does not wait for.
  if (error instanceof WrongUse || (error as Error).name === 'TablesNotShared') return message;
  return stack ?? String(error);
}

try {
  await main();
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}
