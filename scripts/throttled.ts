import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { makeDrop } from '../cli/make-drop/make-drop.ts';
import { type LocalHost, startHost } from '../infra/local/host.ts';
import { seed } from '../infra/local/seed.ts';
import { buildApp } from '../infra/synthesize.ts';
import { main, readArguments, wholeNumber } from './command/command.ts';

const USAGE = `npm run throttled [-- options]

Drops a file into a local host of its own whose store is throttled, and prints the rate at which it was written. Exit code 1 unless
every row was imported and the rate while rows were read was within 20 % of the limit.

  --rows N    how many rows the file has (20000)
  --units N   write units a second that each table, index and partition key takes (300)
  --help      prints this`;
const NAME = 'TEST_SUPPLIER/throttled.ndjson';
const LOOK_AGAIN_MS = 250;
const RATE_TOLERANCE = 0.2;

type Options = { rows: number; units: number };

await main({
  usage: USAGE,
  read(args): Options {
    const { values } = readArguments(args, {
      options: {
        rows: { type: 'string', default: '20000' },
        units: { type: 'string', default: '300' },
      },
    });
    return {
      rows: wholeNumber('--rows', values.rows, 1, 1_000_000),
      units: wholeNumber('--units', values.units, 1, 100_000),
    };
  },
  async run(options) {
    const folder = mkdtempSync(join(tmpdir(), 'throttled-'));
    try {
      if (!(await dropThrottled(options, folder))) process.exitCode = 1;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
});

async function dropThrottled({ rows, units }: Options, folder: string): Promise<boolean> {
  const assembly = join(folder, 'assembly');
  buildApp({ environment: 'dev', outdir: assembly }).synth();
  await using stops = new AsyncDisposableStack();
  const host = await startHost({
    assembly,
    stackName: 'supply-point-import-dev',
    port: 0,
    storeUnits: { table: units, partition: units },
  });
  stops.defer(() => host.stop());
  await seed(host.endpoints, {});
  const out = join(folder, 'drop.ndjson');
  await makeDrop({ rows, invalid: 0, seed: 7, first: 4_001_000_000, supplier: 'TEST_SUPPLIER', out });
  const { s3: endpoint, credentials } = host.endpoints;
  const settings = { endpoint, region: 'ap-southeast-2', credentials };
  const client = new S3Client({ ...settings, forcePathStyle: true });
  stops.defer(() => client.destroy());
  const Bucket = host.endpoints.buckets['drops']!;

  await client.send(new PutObjectCommand({ Bucket, Key: `drops/${NAME}`, Body: readFileSync(out) }));
  const begun = await firstWrite(host);
  const read = await summaryIn(client, Bucket, ['IMPORTING', 'ENDED', 'FAILED']);
  const { consumed, throttled } = (await host.storeUse())!;
  const seconds = (performance.now() - begun) / 1000;
  const [resource, most] = Object.entries(consumed).sort(([, one], [, other]) => other - one)[0]!;
  const rate = most / seconds;
  const ended = await summaryIn(client, Bucket, ['ENDED', 'FAILED']);

  console.log(`${rows} rows: ${JSON.stringify(read.rows)}, ${JSON.stringify(ended.imports)}`);
  console.log(
    `${resource}: ${rate.toFixed(0)} write units a second of ${units} while rows were read, in ${seconds.toFixed(0)} s`,
  );
  console.log(`throttled requests: ${throttled}; parts that failed: ${failures(host)}`);
  const isWhole = ended.imports['processed'] === rows && ended.state === 'ENDED';
  const isFast = Math.abs(rate / units - 1) <= RATE_TOLERANCE;
  if (!isWhole) console.log('Not every row was imported.');
  if (!isFast) console.log('The rate differs from the limit by more than 20 %.');
  return isWhole && isFast;
}

/** When the first import was written, as performance.now() tells it. */
async function firstWrite(host: LocalHost): Promise<number> {
  const table = host.endpoints.tables['import-processes']!;
  while (((await host.storeUse())?.consumed[table] ?? 0) === 0) await wait(LOOK_AGAIN_MS);
  return performance.now();
}

/** Runs of tasks that failed or timed out, and were run again. */
function failures(host: LocalHost): number {
  return host.logs('drop-reader').filter((line) => /message failed|Task timed out/.test(line)).length;
}

type Summary = { state: string; rows: Record<string, number>; imports: Record<string, number> };

async function summaryIn(client: S3Client, Bucket: string, states: string[]): Promise<Summary> {
  for (;;) {
    const list = new ListObjectsV2Command({ Bucket, Prefix: `reports/${NAME}/` });
    const { Contents = [] } = await client.send(list);
    const Key = Contents.map((object) => object.Key!).find((key) => key.endsWith('/summary.json'));
    if (Key !== undefined) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      const summary = JSON.parse(await Body!.transformToString()) as Summary;
      if (states.includes(summary.state)) return summary;
    }
    await wait(LOOK_AGAIN_MS);
  }
}
