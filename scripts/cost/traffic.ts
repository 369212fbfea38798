import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Endpoints } from '../../infra/local/host.ts';
import { REGION } from '../../infra/local/resource.ts';
import { pathOf } from '../../shared/api/operations.ts';
import type { ImportStore } from '../../shared/imports/storage/store.ts';
import { mapConcurrently } from '../../shared/map-concurrently.ts';

/** A host's clients, and the identifiers and drops that were used so far. */
export type Service = {
  endpoints: Endpoints;
  token: string;
  imports: ImportStore;
  nextIdentifier: number;
  drops: number;
  close(): void;
};

const SUPPLIER = 'TEST_SUPPLIER';
const EXAMPLE = readFileSync(new URL('../../examples/guide-example.json', import.meta.url), 'utf8');
const IDENTIFIER = JSON.parse(EXAMPLE).payload.supply_point.identifier as string;
/** The guide's example on one line, as a row of NDJSON. */
const ROW = JSON.stringify(JSON.parse(EXAMPLE));

const POLL_INTERVAL_MS = 50;
const TIMEOUT_MS = 300_000;
/** Maximum number of keys in one read (source: DynamoDB, BatchGetItem). */
const KEYS_MAX = 100;

/** Creates imports of the guide's example, at most `atOnce` at a time, and waits until all of them are PROCESSED. */
export async function createImports(service: Service, count: number, atOnce = 1): Promise<void> {
  const identifiers = take(service, count);
  await mapConcurrently(identifiers, atOnce, (identifier) =>
    request(service, 'POST', pathOf('create'), 201, exampleFor(identifier)),
  );
  await allProcessed(service, identifiers);
}

/** Drops a file with `count` rows of the guide's example, and waits until its report has the state ENDED. */
export async function dropRows(service: Service, count: number): Promise<void> {
  const { endpoints } = service;
  const { credentials } = endpoints;
  const rows = take(service, count).map((identifier) => ROW.replace(IDENTIFIER, identifier));
  service.drops += 1;
  const name = `${SUPPLIER}/cost-${service.drops}.ndjson`;
  const client = new S3Client({ endpoint: endpoints.s3, region: REGION, credentials, forcePathStyle: true });
  const Bucket = endpoints.buckets['drops']!;
  try {
    await client.send(new PutObjectCommand({ Bucket, Key: `drops/${name}`, Body: rows.join('\n') }));
    await until(`the drop ${name} has ended`, async () => {
      const summary = await summaryOf(client, Bucket, name);
      if (summary === undefined || summary.state !== 'ENDED') return false;
      if (summary.imports.processed === count) return true;
      throw new Error(`Of ${count} rows ${summary.imports.processed} were processed.`);
    });
  } finally {
    client.destroy();
  }
}

/** Sends `count` requests: validations of the guide's example, or status requests for one import. */
export async function sendRequests(
  service: Service,
  endpoint: 'validate' | 'status',
  count: number,
): Promise<void> {
  const path = pathOf('status', { supplier: SUPPLIER, identifier: String(service.nextIdentifier - 1) });
  for (let sent = 0; sent < count; sent += 1) {
    if (endpoint === 'validate') await request(service, 'POST', pathOf('validate'), 200, EXAMPLE);
    else await request(service, 'GET', path, 200);
  }
}

function take(service: Service, count: number): string[] {
  const first = service.nextIdentifier;
  service.nextIdentifier += count;
  return Array.from({ length: count }, (_, index) => String(first + index));
}

const exampleFor = (identifier: string): string => EXAMPLE.replace(IDENTIFIER, identifier);

async function request(
  { endpoints, token }: Service,
  method: string,
  path: string,
  expected: number,
  body?: string,
): Promise<void> {
  const response = await fetch(`${endpoints.api}${path}`, {
    method,
    headers: { Authorization: `Token ${token}`, 'Content-Type': 'application/json' },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  if (response.status !== expected) throw new Error(`${method} ${path} returned ${response.status}: ${text}`);
}

async function allProcessed({ imports }: Service, identifiers: readonly string[]): Promise<void> {
  for (let from = 0; from < identifiers.length; from += KEYS_MAX) {
    const keys = identifiers
      .slice(from, from + KEYS_MAX)
      .map((externalIdentifier) => ({ importSupplier: SUPPLIER, externalIdentifier }));
    await until('all imports are PROCESSED', async () =>
      (await imports.statuses(keys)).every((stated) => stated?.status === 'PROCESSED'),
    );
  }
}

type Summary = { state: string; imports: { processed: number } };

async function summaryOf(client: S3Client, Bucket: string, name: string): Promise<Summary | undefined> {
  const listed = await client.send(new ListObjectsV2Command({ Bucket, Prefix: `reports/${name}/` }));
  const key = (listed.Contents ?? []).map(({ Key }) => Key!).find((found) => found.endsWith('/summary.json'));
  if (key === undefined) return undefined;
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: key }));
  return JSON.parse(await Body!.transformToString());
}

async function until(condition: string, isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`It took too long until ${condition}.`);
    await pause(POLL_INTERVAL_MS);
  }
}
