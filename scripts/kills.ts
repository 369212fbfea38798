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

Starts a local host of its own, kills it (SIGKILL) in the middle of uploads and imports, and starts it again on the same state. Checks that
every object that was answered is there with its text, that every import that was answered ends PROCESSED, and that the list of imports
is that of their records. Fails where anything is lost or the host does not start again.

  --kills N   how often (50)
  --help      says this`;

const EXAMPLE = readFileSync(new URL('../examples/guide-example.json', import.meta.url), 'utf8');
const IDENTIFIER: string = JSON.parse(EXAMPLE).payload.supply_point.identifier;
const IDENTIFIER_FIRST = 4_001_000_000;
const CONNECTIONS = 8;
const OBJECT_CHARACTERS = 100_000;
/** The host is killed when so many imports of a round were answered, which is another number each time. */
const ANSWERED_MIN = 5;
const ANSWERED_SPREAD = 30;
const SUPPLY_POINTS = '/v2/data-import/supply-points/';

/** Imports that are tried again after a kill wait for their message's visibility timeout, and for the sweeper. */
const IMPORTED_WITHIN_MS = 600_000;
const POLL_MS = 500;

/**
 * What was answered so far and has to be there: imports, and objects by their keys. An object has one text, or, after an upload over it that
 * was sent and not answered, one of several.
 */
type Answered = { objects: Map<string, string[]>; imports: string[] };
/** `repairs`: lines of the start about damaged uploads and about indexes; `entries`: index entries that were wrong or missing. */
type Host = {
  child: ChildProcess;
  endpoints: LocalEndpoints;
  repairs: { uploads: number; indexes: number; entries: number };
};

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
  return { child, endpoints: localEndpoints(join(folder, 'endpoints.json')), repairs: repairsIn(complaints) };
}

function repairsIn(said: string): Host['repairs'] {
  const [, removed = 0, added = 0] = /(\d+) wrong entries removed, (\d+) missing/.exec(said) ?? [];
  const linesOf = (service: string) =>
    said.split('\n').filter((line) => line.startsWith(`${service}: `)).length;
  return { uploads: linesOf('S3'), indexes: linesOf('DynamoDB'), entries: Number(removed) + Number(added) };
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
  const connection = async (index: number) => {
    for (;;) {
      const number = round * 10_000 + next++;
      try {
        if (index % 2 === 0) await upload(s3, endpoints, answered, { number, connection: index });
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
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, index) => connection(index)));
  await exited;
  s3.destroy();
}

async function upload(
  s3: S3Client,
  { buckets }: LocalEndpoints,
  { objects }: Answered,
  { number, connection }: { number: number; connection: number },
): Promise<void> {
  // Half of the uploads write over one key a connection. They lie beside drops/, so that they are not imported.
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

/** Keys of objects that were answered and are not there, or have another text. */
async function lostObjects(
  { endpoints }: Host,
  objects: Answered['objects'],
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

/** Waits until imports have ended; answers those that are not there, or did not end PROCESSED, and those that the list does not have so. */
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
  return (await fetch(`${api}${SUPPLY_POINTS}${path}`, { headers })).json();
}

async function run(kills: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-kills-'));
  const answered: Answered = { objects: new Map(), imports: [] };
  const overwritten = Array.from({ length: CONNECTIONS }, (_, index) => overwrittenKey(index));
  const repairs = { uploads: 0, indexes: 0, entries: 0 };
  const lost: string[] = [];
  let host = await start(folder);
  try {
    for (let round = 0; round < kills; round += 1) {
      await workAndKill(host, answered, round);
      host = await start(folder);
      for (const name of ['uploads', 'indexes', 'entries'] as const) repairs[name] += host.repairs[name];
      // What is written over in the next round could not be missed later.
      lost.push(...(await lostObjects(host, answered.objects, overwritten)));
    }
    lost.push(...(await lostObjects(host, answered.objects, answered.objects.keys())));
    lost.push(...(await lostImports(host, answered.imports)));
    console.log(
      `${kills} kills: ${answered.objects.size} objects and ${answered.imports.length} imports answered, ${lost.length} lost; ` +
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
