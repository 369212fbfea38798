// `npm run kills`: kills a local host in the middle of uploads and imports, again and again, and counts what was lost.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { REGION } from '../infra/local/resource.ts';
import { main, readArguments, wholeNumber } from './command/command.ts';
import { type LocalEndpoints, localEndpoints } from './command/local-host.ts';

const USAGE = `npm run kills [-- options]

Starts a local host of its own, kills it (SIGKILL) in the middle of uploads and imports, starts it again on the same state, and checks that
everything that was answered is there. Fails where anything is lost or the host does not start again.

  --kills N   how often (50)
  --help      says this`;

const EXAMPLE = readFileSync(new URL('../examples/guide-example.json', import.meta.url), 'utf8');
const IDENTIFIER: string = JSON.parse(EXAMPLE).payload.supply_point.identifier;
const IDENTIFIER_FIRST = 4_001_000_000;
const CONNECTIONS = 8;
/** The host is killed when so many imports of a round were answered, which is another number each time. */
const ANSWERED_MIN = 5;
const ANSWERED_SPREAD = 30;
const SUPPLY_POINTS = '/v2/data-import/supply-points/';

/** What was answered so far, and has to be there for ever: objects with their texts, and imports. */
type Answered = { objects: Map<string, string>; imports: string[] };
type Host = { child: ChildProcess; endpoints: LocalEndpoints; repairs: number };

/** Starts the host on its folder. @throws Error where it ends before it is ready */
async function start(folder: string): Promise<Host> {
  const command = join(import.meta.dirname, '../infra/local/start.cjs');
  const child = spawn(process.execPath, [command, '--state', folder], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let complaints = '';
  child.stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  const ready = new Promise<void>((done, fail) => {
    child.stdout.on('data', (chunk) => {
      said += chunk;
      if (/^ready /m.test(said)) done();
    });
    child.once('exit', (code) => fail(new Error(`The host ended with ${code}: ${complaints}`)));
  });
  await ready;
  const repairs = complaints.split('\n').filter((line) => line.startsWith('S3: ')).length;
  return { child, endpoints: localEndpoints(join(folder, 'endpoints.json')), repairs };
}

const clientOf = ({ s3, credentials }: LocalEndpoints): S3Client =>
  new S3Client({ endpoint: s3, region: REGION, credentials, forcePathStyle: true, maxAttempts: 1 });

/** Uploads and imports over several connections, and kills the host in the middle of it. */
async function workAndKill({ child, endpoints }: Host, answered: Answered, round: number): Promise<void> {
  const s3 = clientOf(endpoints);
  const killAfter = ANSWERED_MIN + Math.floor(Math.random() * ANSWERED_SPREAD);
  let count = 0;
  let next = 0;
  const isAnswered = () => {
    count += 1;
    if (count === killAfter) child.kill('SIGKILL');
  };
  const connection = async (isUpload: boolean) => {
    for (;;) {
      const number = round * 10_000 + next++;
      try {
        if (isUpload) await upload(s3, endpoints, answered, number);
        else {
          await createImport(endpoints, answered, number);
          isAnswered();
        }
      } catch {
        if (child.killed) return;
        throw new Error(`A request failed before the host was killed in round ${round}.`);
      }
    }
  };
  const exited = once(child, 'exit');
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, index) => connection(index % 2 === 0)));
  await exited;
  s3.destroy();
}

async function upload(
  s3: S3Client,
  { buckets }: LocalEndpoints,
  { objects }: Answered,
  number: number,
): Promise<void> {
  // Half of the keys are written over again and again. They lie beside drops/, so that they are not imported.
  const key = number % 2 === 0 ? `kills/${number}` : `kills/again-${number % 10}`;
  const text = `${number} ${'x'.repeat(100_000)}`;
  // While it is not known which of two texts is there, neither is promised.
  objects.delete(key);
  await s3.send(new PutObjectCommand({ Bucket: buckets.drops, Key: key, Body: text }));
  if (number % 2 === 0) objects.set(key, text);
}

async function createImport(
  { api, token }: LocalEndpoints,
  { imports }: Answered,
  number: number,
): Promise<void> {
  const identifier = String(IDENTIFIER_FIRST + number);
  const response = await fetch(`${api}${SUPPLY_POINTS}`, {
    method: 'POST',
    headers: { Authorization: `Token ${token}`, 'Content-Type': 'application/json' },
    body: EXAMPLE.replace(IDENTIFIER, identifier),
  });
  await response.arrayBuffer();
  if (response.status !== 201) throw new Error(`POST answered ${response.status}.`);
  imports.push(identifier);
}

/** What was answered and is not there, or is another. */
async function lostOf({ endpoints }: Host, { objects, imports }: Answered): Promise<string[]> {
  const s3 = clientOf(endpoints);
  const lost: string[] = [];
  for (const [Key, text] of objects) {
    const found = await s3
      .send(new GetObjectCommand({ Bucket: endpoints.buckets.drops, Key }))
      .then(({ Body }) => Body!.transformToString())
      .catch(() => undefined);
    if (found !== text) lost.push(`object ${Key}`);
  }
  for (const identifier of imports) {
    const headers = { Authorization: `Token ${endpoints.token}` };
    const { status } = await fetch(`${endpoints.api}${SUPPLY_POINTS}TEST_SUPPLIER/${identifier}/`, {
      headers,
    });
    if (status !== 200) lost.push(`import ${identifier}`);
  }
  s3.destroy();
  return lost;
}

async function run(kills: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-kills-'));
  const answered: Answered = { objects: new Map(), imports: [] };
  let host = await start(folder);
  let repairs = 0;
  try {
    for (let round = 0; round < kills; round += 1) {
      await workAndKill(host, answered, round);
      host = await start(folder);
      repairs += host.repairs;
    }
    const lost = await lostOf(host, answered);
    console.log(
      `${kills} kills: ${answered.objects.size} objects and ${answered.imports.length} imports answered, ${lost.length} lost; ${repairs} starts set something aside`,
    );
    if (lost.length > 0) {
      console.error(lost.join('\n'));
      process.exitCode = 1;
    }
  } finally {
    host.child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const read = (args: readonly string[]): number => {
  const { values } = readArguments(args, { options: { kills: { type: 'string', default: '50' } } });
  return wholeNumber('--kills', values.kills, 1, 10_000);
};

if (import.meta.main) await main({ usage: USAGE, read, run });
