import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { makeDrop } from '../cli/make-drop/make-drop.ts';
import { startHost } from '../infra/local/host.ts';
import { seed } from '../infra/local/seed.ts';
import { buildApp } from '../infra/synthesize.ts';
import { main, readRows } from '../scripts/command/command.ts';

const USAGE = `npm run bench:drop [-- rows]

Starts a local host, drops a file, and prints the rows a second that were read and imported, and the readers' time by step.

  rows     the number of rows in the file (100000)
  --help   prints this`;
const NAME = 'TEST_SUPPLIER/bench.ndjson';
const POLL_INTERVAL_MS = 500;

await main({
  usage: USAGE,
  read: (args) => readRows(args, 100_000),
  run: async (rows) => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-drop-'));
    try {
      await measure(rows, folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
});

async function measure(rows: number, folder: string): Promise<void> {
  const assembly = join(folder, 'assembly');
  buildApp({ environment: 'dev', outdir: assembly }).synth();
  const stateFolder = join(folder, 'state');
  const host = await startHost({ assembly, stackName: 'supply-point-import-dev', port: 0, stateFolder });
  await seed(host.endpoints, {});
  const out = join(folder, 'drop.ndjson');
  const made = await makeDrop({
    rows,
    invalid: 0.02,
    seed: 7,
    first: 4_001_000_000,
    supplier: 'TEST_SUPPLIER',
    out,
  });
  const client = new S3Client({
    endpoint: host.endpoints.s3,
    region: 'ap-southeast-2',
    credentials: host.endpoints.credentials,
    forcePathStyle: true,
  });
  const Bucket = host.endpoints.buckets['drops']!;

  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  await new Upload({ client, params: { Bucket, Key: `drops/${NAME}`, Body: readFileSync(out) } }).done();
  const read = await waitForSummary(client, Bucket, ['IMPORTING', 'ENDED']);
  const readSeconds = (performance.now() - startedAt) / 1000;
  const ended = await waitForSummary(client, Bucket, ['ENDED']);
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  client.destroy();
  await host.stop();

  console.log(`${rows} rows, ${made.invalid} of them invalid: ${JSON.stringify(read['rows'])}`);
  console.log(
    `read and submitted in ${readSeconds.toFixed(1)} s: ${(rows / readSeconds).toFixed(0)} rows a second`,
  );
  console.log(
    `imported in ${seconds.toFixed(1)} s: ${(rows / seconds).toFixed(0)} rows a second; ${JSON.stringify(ended['imports'])}`,
  );
  console.log(`processors used: ${((user + system) / 1e6 / seconds).toFixed(2)}`);
  printSteps(join(stateFolder, 'logs', 'drop-reader.log'), rows);
}

async function waitForSummary(client: S3Client, Bucket: string, states: string[]) {
  for (;;) {
    const { Contents = [] } = await client.send(
      new ListObjectsV2Command({ Bucket, Prefix: `reports/${NAME}/` }),
    );
    const Key = Contents.map((object) => object.Key!).find((key) => key.endsWith('/summary.json'));
    if (Key !== undefined) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      const summary = JSON.parse(await Body!.transformToString()) as Record<string, unknown>;
      if (states.includes(String(summary['state']))) return summary;
    }
    await new Promise((done) => setTimeout(done, POLL_INTERVAL_MS));
  }
}

/** Sums up the durations in the readers' log by step. The longest step limits their throughput. */
function printSteps(log: string, rows: number): void {
  const took: Record<string, number> = {};
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    const steps = line.includes('"took"') ? JSON.parse(line).outcome.took : {};
    for (const [step, ms] of Object.entries(steps as Record<string, number>))
      took[step] = (took[step] ?? 0) + ms;
  }
  const all = Object.values(took).reduce((sum, ms) => sum + ms, 0);
  for (const [step, ms] of Object.entries(took)) {
    const share = `${((100 * ms) / all).toFixed(0)} %`.padStart(5);
    console.log(`${step.padEnd(9)}${share}${((ms * 1000) / rows).toFixed(0).padStart(7)} µs a row`);
  }
  const [limit] = Object.entries(took).sort(([, one], [, other]) => other - one)[0]!;
  console.log(`longest step of the readers: ${limit}`);
}
