import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type LocalHost, startHost } from '../infra/local/host.ts';
import { seed } from '../infra/local/seed.ts';
import { buildApp } from '../infra/synthesize.ts';
import { main } from './command/command.ts';
import { postImports, redrive } from './soak/client.ts';
import { killWorkers } from './soak/kill-workers.ts';
import { memory } from './soak/memory.ts';
import { readOptions, type SoakOptions, USAGE } from './soak/options.ts';
import { report, type Soak, violations } from './soak/report.ts';
import { countTables, openImports } from './soak/table-counts.ts';

const SUPPLIER = 'TEST_SUPPLIER';
/** No scenario has rules for identifiers from here on (examples/test-supplier-scenarios.json). */
const IDENTIFIER_FIRST = 4_001_000_000;
/** Measurements of memory during a soak, evenly spread over the accepted imports. */
const SAMPLES = 10;
const POLL_MS = 1_000;
/** With fewer open imports kills stop: they would only prolong the run, as a killed batch is redelivered after a minute. */
const KILLS_STOP_BELOW = 100;

/** Runs a soak on a new local host, whose state is in a temporary folder. See {@link USAGE}. */
async function soak(options: SoakOptions): Promise<Soak> {
  const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-soak-'));
  const assembly = join(folder, 'assembly');
  process.env['CDK_VALIDATION'] ??= 'false';
  buildApp({ environment: 'dev', outdir: assembly }).synth();
  const host = await startHost({
    assembly,
    stackName: 'supply-point-import-dev',
    port: 0,
    stateFolder: join(folder, 'state'),
  });
  try {
    return await run(host, options);
  } finally {
    await host.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(host: LocalHost, options: SoakOptions): Promise<Soak> {
  const { token } = await seed(host.endpoints, {});
  const tables = tablesOf(host);
  const measured = [memory()];
  const started = performance.now();
  const isTimeUp = () => performance.now() - started > options.minutes * 60_000;
  const killer = killWorkers(host, options.killEverySeconds, (options.minutes / 2) * 60_000);
  const onAccepted = (accepted: number) => {
    if (accepted % Math.ceil(options.imports / SAMPLES) === 0) measured.push(memory());
  };
  const posts = await postImports(
    { api: host.endpoints.api, token },
    options,
    requests(),
    onAccepted,
    isTimeUp,
  );
  const posted = performance.now();
  console.log(
    `  ${posts.accepted} accepted after ${seconds(posted - started)} s; waiting for them to finish`,
  );

  const { open, redriven } = await untilProcessed(host, { token, tables, killer, isTimeUp });
  const ended = performance.now();
  // Before the tables are counted: reading them whole fills the emulator's heap.
  measured.push(memory());
  const counted = await countTables(tables);
  tables.dynamodb.destroy();
  return {
    posts,
    tableCounts: counted,
    open,
    redriven,
    kills: killer.kills(),
    seconds: { posting: seconds(posted - started), all: seconds(ended - started) },
    memory: measured,
  };
}

function tablesOf({ endpoints }: LocalHost) {
  const client = new DynamoDBClient({
    endpoint: endpoints.dynamodb,
    region: 'ap-southeast-2',
    credentials: endpoints.credentials,
  });
  return { dynamodb: DynamoDBDocumentClient.from(client), tables: endpoints.tables };
}

type Waiting = {
  token: string;
  tables: ReturnType<typeof tablesOf>;
  killer: { stop(): void };
  isTimeUp: () => boolean;
};

/**
 * Waits until no import is open or the time is up, and redrives those that ended ERRORED because their worker was killed five times
 * in a row. Returns the number of open and of redriven imports.
 */
async function untilProcessed({ endpoints }: LocalHost, { token, tables, killer, isTimeUp }: Waiting) {
  for (let redriven = 0; ; ) {
    let open = await openImports(tables, SUPPLIER);
    for (; open > 0 && !isTimeUp(); open = await openImports(tables, SUPPLIER)) {
      if (open < KILLS_STOP_BELOW) killer.stop();
      await new Promise((done) => setTimeout(done, POLL_MS));
    }
    killer.stop();
    const more = isTimeUp() ? 0 : await redrive({ api: endpoints.api, token }, SUPPLIER);
    if (more === 0) return { open, redriven };
    redriven += more;
  }
}

const seconds = (ms: number): number => Math.round(ms / 100) / 10;

/** Makes the n-th request: the guide's example with its own identifier. */
function requests(): (number: number) => string {
  const example = JSON.parse(
    readFileSync(new URL('../examples/guide-example.json', import.meta.url), 'utf8'),
  );
  example.payload.import_supplier = SUPPLIER;
  return (number) => {
    example.payload.supply_point.identifier = String(IDENTIFIER_FIRST + number);
    return JSON.stringify(example);
  };
}

await main({
  usage: USAGE,
  read: readOptions,
  run: async (options) => {
    console.log(`Soaking a host with ${JSON.stringify(options)}`);
    const result = await soak(options);
    console.log(report(result));
    const broken = violations(options, result);
    console.log(
      broken.length === 0
        ? '\nAll conditions hold.'
        : `\nViolations:\n${broken.map((violation) => `  ${violation}`).join('\n')}`,
    );
    if (broken.length > 0) process.exitCode = 1;
  },
});
process.exit();
