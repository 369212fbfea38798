// `npm run kills`: kills a local host repeatedly during uploads and imports, and counts lost objects and imports.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { REGION } from '../infra/local/resource.ts';
import { pathOf, SUPPLY_POINTS } from '../shared/api/operations.ts';
import { main, readArguments, wholeNumber } from './command/command.ts';
import { type LocalEndpoints, localEndpoints } from './command/local-host.ts';

const USAGE = `npm run kills [-- options]

Starts its own local host, kills it (SIGKILL) during uploads and imports, and restarts it with the same state. Checks that every
acknowledged object exists with its content, that every acknowledged import reaches PROCESSED, and that the list endpoint contains it.
Exit code 1 if anything is lost or the host does not restart.

  --kills N   number of kills (50)
  --help      prints this`;

const EXAMPLE = readFileSync(new URL('../examples/guide-example.json', import.meta.url), 'utf8');
const IDENTIFIER: string = JSON.parse(EXAMPLE).payload.supply_point.identifier;
const IDENTIFIER_FIRST = 4_001_000_000;
const CONNECTIONS = 8;
const OBJECT_CHARACTERS = 100_000;
/** Each round kills the host after a random number of acknowledged imports: the minimum plus 0 to 29. */
const ACKNOWLEDGED_MIN = 5;
const ACKNOWLEDGED_SPREAD = 30;

/** After a kill an import is retried only after its message's visibility timeout, or by the sweeper. */
const IMPORTED_WITHIN_MS = 600_000;
const POLL_MS = 500;

/**
 * Imports and objects that the host has acknowledged, and that must not be lost. Objects are by key, each with its possible contents: more
 * than one if a later upload to the key was sent and not acknowledged.
 */
type Acknowledged = { objects: Map<string, string[]>; imports: string[] };
/** `repairs`: counted in the log of the start. `uploads` and `indexes` are log lines; `entries` are index entries that were wrong or missing. */
type Host = {
  child: ChildProcess;
  endpoints: LocalEndpoints;
  repairs: { uploads: number; indexes: number; entries: number };
};

/** Starts the host with its state folder. @throws Error if it exits before it is ready */
async function start(folder: string): Promise<Host> {
  const command = join(import.meta.dirname, '../infra/local/start.cjs');
  const child = spawn(process.execPath, [command, '--state', folder], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ready = new Promise<void>((done, fail) => {
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
      if (/^ready /m.test(stdout)) done();
    });
    child.once('exit', (code) => fail(new Error(`The host ended with ${code}: ${stderr}`)));
  });
  await ready;
  return { child, endpoints: localEndpoints(join(folder, 'endpoints.json')), repairs: repairsIn(stderr) };
}

function repairsIn(log: string): Host['repairs'] {
  const [, removed = 0, added = 0] = /(\d+) wrong entries removed, (\d+) missing/.exec(log) ?? [];
  const linesOf = (service: string) =>
    log.split('\n').filter((line) => line.startsWith(`${service}: `)).length;
  return { uploads: linesOf('S3'), indexes: linesOf('DynamoDB'), entries: Number(removed) + Number(added) };
}

const clientOf = ({ s3, credentials }: LocalEndpoints): S3Client =>
  new S3Client({ endpoint: s3, region: REGION, credentials, forcePathStyle: true, maxAttempts: 1 });

/** Uploads and imports over several connections, and kills the host meanwhile. */
async function workAndKill(
  { child, endpoints }: Host,
  acknowledged: Acknowledged,
  round: number,
): Promise<void> {
  const s3 = clientOf(endpoints);
  const killAfter = ACKNOWLEDGED_MIN + Math.floor(Math.random() * ACKNOWLEDGED_SPREAD);
  let count = 0;
  let next = 0;
  const onAcknowledged = () => {
    count += 1;
    if (count === killAfter) child.kill('SIGKILL');
  };
  const connection = async (index: number) => {
    for (;;) {
      const number = round * 10_000 + next++;
      try {
        if (index % 2 === 0) await upload(s3, endpoints, acknowledged, { number, connection: index });
        else {
          await createImport(endpoints, acknowledged, number);
          onAcknowledged();
        }
      } catch {
        if (child.killed) return;
        throw new Error(`A request failed before the host was killed in round ${round}.`);
      }
    }
  };
  const exited = once(child, 'exit');
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, index) => connection(index)));
  await exited;
  s3.destroy();
}

async function upload(
  s3: S3Client,
  { buckets }: LocalEndpoints,
  { objects }: Acknowledged,
  { number, connection }: { number: number; connection: number },
): Promise<void> {
  // Half of the uploads overwrite one key for each connection. The keys are outside drops/, so nothing is imported from them.
  const key = number % 2 === 0 ? `kills/${number}` : overwrittenKey(connection);
  const text = `${number} ${'x'.repeat(OBJECT_CHARACTERS)}`;
  const before = objects.get(key);
  if (before !== undefined) objects.set(key, [...before, text]);
  await s3.send(new PutObjectCommand({ Bucket: buckets.drops, Key: key, Body: text }));
  objects.set(key, [text]);
}

const overwrittenKey = (connection: number): string => `kills/again-${connection}`;

async function createImport(
  { api, token }: LocalEndpoints,
  { imports }: Acknowledged,
  number: number,
): Promise<void> {
  const identifier = String(IDENTIFIER_FIRST + number);
  const response = await fetch(`${api}${pathOf('create')}`, {
    method: 'POST',
    headers: { Authorization: `Token ${token}`, 'Content-Type': 'application/json' },
    body: EXAMPLE.replace(IDENTIFIER, identifier),
  });
  await response.arrayBuffer();
  if (response.status !== 201) throw new Error(`POST returned ${response.status}.`);
  imports.push(identifier);
}

/** Returns acknowledged objects that are missing or have other contents. */
async function lostObjects(
  { endpoints }: Host,
  objects: Acknowledged['objects'],
  keys: Iterable<string>,
): Promise<string[]> {
  const s3 = clientOf(endpoints);
  const lost: string[] = [];
  for (const Key of keys) {
    const texts = objects.get(Key);
    if (texts === undefined) continue;
    const found = await s3
      .send(new GetObjectCommand({ Bucket: endpoints.buckets.drops, Key }))
      .then(({ Body }) => Body!.transformToString())
      .catch(() => undefined);
    if (found === undefined || !texts.includes(found)) lost.push(`object ${Key}`);
  }
  s3.destroy();
  return lost;
}

/**
 * Waits until the imports have ended. Returns those that are missing or not PROCESSED, and those that the list endpoint does not return as
 * PROCESSED.
 */
async function lostImports({ endpoints }: Host, imports: readonly string[]): Promise<string[]> {
  const lost: string[] = [];
  const deadline = Date.now() + IMPORTED_WITHIN_MS;
  for (const identifier of imports) {
    let status = await statusOf(endpoints, identifier);
    while ((status === 'PENDING' || status === 'IN_PROGRESS') && Date.now() < deadline) {
      await new Promise((done) => setTimeout(done, POLL_MS));
      status = await statusOf(endpoints, identifier);
    }
    if (status !== 'PROCESSED') lost.push(`import ${identifier} (${status})`);
  }
  const listed = new Set<string>();
  let cursor: string | null = '';
  while (cursor !== null) {
    const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await get(endpoints, `TEST_SUPPLIER/?status=PROCESSED&page_size=100${query}`);
    for (const { external_identifier } of page.results) listed.add(external_identifier);
    cursor = page.next_cursor;
  }
  return [
    ...lost,
    ...imports.filter((identifier) => !listed.has(identifier)).map((id) => `listing of ${id}`),
  ];
}

const statusOf = async (endpoints: LocalEndpoints, identifier: string): Promise<string> =>
  (await get(endpoints, `TEST_SUPPLIER/${identifier}/`)).status;

// biome-ignore lint/suspicious/noExplicitAny: bodies of different endpoints
async function get({ api, token }: LocalEndpoints, path: string): Promise<any> {
  const headers = { Authorization: `Token ${token}` };
  return (await fetch(`${api}${SUPPLY_POINTS}/${path}`, { headers })).json();
}

async function run(kills: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-kills-'));
  const acknowledged: Acknowledged = { objects: new Map(), imports: [] };
  const overwritten = Array.from({ length: CONNECTIONS }, (_, index) => overwrittenKey(index));
  const repairs = { uploads: 0, indexes: 0, entries: 0 };
  const lost: string[] = [];
  let host = await start(folder);
  try {
    for (let round = 0; round < kills; round += 1) {
      await workAndKill(host, acknowledged, round);
      host = await start(folder);
      for (const name of ['uploads', 'indexes', 'entries'] as const) repairs[name] += host.repairs[name];
      // Checked in each round, because the next round overwrites these objects.
      lost.push(...(await lostObjects(host, acknowledged.objects, overwritten)));
    }
    lost.push(...(await lostObjects(host, acknowledged.objects, acknowledged.objects.keys())));
    lost.push(...(await lostImports(host, acknowledged.imports)));
    console.log(
      `${kills} kills: ${acknowledged.objects.size} objects and ${acknowledged.imports.length} imports acknowledged, ${lost.length} lost; ` +
        `${repairs.uploads} starts set files aside, ${repairs.indexes} rebuilt indexes, of which ${repairs.entries} entries were wrong or missing`,
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
