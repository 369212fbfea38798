// `npm start`: synthesizes the dev environment and hosts it on this machine.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildApp } from '../synthesize.ts';
import { type LocalHost, startHost } from './host.ts';
import { type DevelopmentTokens, seed } from './seed.ts';

const USAGE = `npm start [-- options]

  --fresh    begin anew: forget the state of earlier runs
  --memory   keep nothing
  --help     say this

  PORT               where the API listens on 127.0.0.1 (3000 unless set; 0: any free port)
  DYNAMODB_ENDPOINT  another DynamoDB than the embedded one, such as DynamoDB Local`;

const PORT_DEFAULT = 3000;
const LOCAL_FOLDER = join(import.meta.dirname, '../../.local');
const ENDPOINTS_FILE = join(LOCAL_FOLDER, 'endpoints.json');
const ENVIRONMENT = 'dev';

/** A wrong command: said in one line. */
class WrongUse extends Error {}

async function main(): Promise<void> {
  const { values } = options();
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const port = portFrom(process.env['PORT']);
  const earlier = values.fresh || values.memory ? {} : earlierTokens();
  if (values.fresh) rmSync(LOCAL_FOLDER, { recursive: true, force: true });
  mkdirSync(LOCAL_FOLDER, { recursive: true });

  const assembly = mkdtempSync(join(tmpdir(), 'supply-point-import-'));
  process.once('exit', () => rmSync(assembly, { recursive: true, force: true }));
  buildApp({ environment: ENVIRONMENT, outdir: assembly }).synth();
  const external = process.env['DYNAMODB_ENDPOINT'];
  const host = await startHost({
    assembly,
    stackName: `supply-point-import-${ENVIRONMENT}`,
    port,
    ...(values.memory ? {} : { stateFolder: LOCAL_FOLDER }),
    ...(external ? { dynamodbEndpoint: external } : {}),
  });
  stopOnSignals(host);
  const tokens = await seed(host.endpoints, earlier);
  writeFileSync(ENDPOINTS_FILE, `${JSON.stringify({ ...host.endpoints, ...tokens }, null, 2)}\n`);
  announce(host, tokens);
}

function options() {
  try {
    return parseArgs({
      options: { fresh: { type: 'boolean' }, memory: { type: 'boolean' }, help: { type: 'boolean' } },
    });
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

/** The keys of the run before, so that they go on working. */
function earlierTokens(): Partial<DevelopmentTokens> {
  try {
    return JSON.parse(readFileSync(ENDPOINTS_FILE, 'utf8'));
  } catch {
    return {};
  }
}

function announce({ endpoints }: LocalHost, { token, viewerToken }: DevelopmentTokens): void {
  const supplyPoints = `${endpoints.api}/v2/data-import/supply-points/`;
  console.log(`
  API        ${supplyPoints}
  token      ${token}
  viewer     ${viewerToken}
  DynamoDB   ${endpoints.dynamodb}
  SQS, S3    ${endpoints.sqs}
  all this   .local/endpoints.json
  logs       .local/logs/

  Try:
  curl -H 'Authorization: Token ${token}' -H 'Content-Type: application/json' -d @examples/guide-example.json ${supplyPoints}validate/

ready ${endpoints.api}`);
}

/** The first Ctrl-C stops cleanly, the second at once. */
function stopOnSignals(host: LocalHost): void {
  let stopping = false;
  const stop = async () => {
    if (stopping) process.exit(130);
    stopping = true;
    await host.stop();
    process.exit(0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

/** What is the user's to mend is said in one line; a fault of ours with its stack. */
function explain(error: unknown): string {
  const { code, cause, message, stack } = error as NodeJS.ErrnoException & { cause?: NodeJS.ErrnoException };
  if (code === 'EADDRINUSE')
    return `Port ${process.env['PORT'] || PORT_DEFAULT} is taken: set PORT to another, or to 0.`;
  if (code === 'LEVEL_LOCKED' || cause?.code === 'LEVEL_LOCKED')
    return 'Another local host uses .local/: stop it, or use --memory.';
  if (error instanceof WrongUse) return message;
  return stack ?? String(error);
}

try {
  await main();
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}
