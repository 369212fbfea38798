import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type LocalHost, startHost } from '../infra/local/host.ts';
import { seed } from '../infra/local/seed.ts';
import { buildApp } from '../infra/synthesize.ts';
import { main } from './command/command.ts';
import { census, openImports } from './soak/census.ts';
import { postImports, redrive } from './soak/client.ts';
import { killWorkers } from './soak/killer.ts';
import { memory } from './soak/memory.ts';
import { readOptions, type SoakOptions, USAGE } from './soak/options.ts';
import { report, type Soak, violations } from './soak/report.ts';

const SUPPLIER = 'TEST_SUPPLIER';
/** No identifier that a rehearsal has a rule for (examples/test-supplier-scenarios.json). */
const IDENTIFIER_FIRST = 4_001_000_000;
/** Memory is looked at each time so many of all imports were accepted. */
const SAMPLES = 10;
const POLL_MS = 1_000;
/** With fewer than this left, kills would only prolong the end: a killed batch comes back after a minute. */
const KILLED_DOWN_TO = 100;

/**
 * Imports so many supply points over so many connections while the worker's threads are ended at random, counts what is in the tables then, and fails unless
 * each accepted import created its supply point once, in time, and memory did not grow.
 *
 * The host is its own, with its state in a folder that is gone afterwards.
 */
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
  const begun = performance.now();
  const isOver = () => performance.now() - begun > options.minutes * 60_000;
  const killer = killWorkers(host, options.killEverySeconds, (options.minutes / 2) * 60_000);
  const onAccepted = (accepted: number) => {
    if (accepted % Math.ceil(options.imports / SAMPLES) === 0) measured.push(memory());
  };
  const answers = await postImports(
    { api: host.endpoints.api, token },
    options,
    requests(),
    onAccepted,
    isOver,
  );
  const posted = performance.now();
  console.log(`  ${answers.accepted} accepted after ${seconds(posted - begun)} s; waiting for them to end`);

  const { open, redriven } = await untilProcessed(host, { token, tables, killer, isOver });
  const ended = performance.now();
  // Before the census, whose reads of whole tables fill the emulator's heap.
  measured.push(memory());
  const counted = await census(tables);
  tables.dynamodb.destroy();
  return {
    answers,
    census: counted,
    open,
    redriven,
    kills: killer.kills(),
    seconds: { posting: seconds(posted - begun), all: seconds(ended - begun) },
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
  isOver: () => boolean;
};

/**
 * Waits until no import is open, or for so long as there is time, and has those tried again that used up their deliveries
 * because their worker was killed five times in a row, as an operator does. Answers how many are open, and were redriven.
 */
async function untilProcessed({ endpoints }: LocalHost, { token, tables, killer, isOver }: Waiting) {
  for (let redriven = 0; ; ) {
    let open = await openImports(tables, SUPPLIER);
    for (; open > 0 && !isOver(); open = await openImports(tables, SUPPLIER)) {
      if (open < KILLED_DOWN_TO) killer.stop();
      await new Promise((done) => setTimeout(done, POLL_MS));
    }
    killer.stop();
    const more = isOver() ? 0 : await redrive({ api: endpoints.api, token }, SUPPLIER);
    if (more === 0) return { open, redriven };
    redriven += more;
  }
}

const seconds = (ms: number): number => Math.round(ms / 100) / 10;

/** The guide's example, with an identifier of its own for each. */
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
        ? '\nAll of it held.'
        : `\nBroken:\n${broken.map((says) => `  ${says}`).join('\n')}`,
    );
    if (broken.length > 0) process.exitCode = 1;
  },
});
process.exit();
