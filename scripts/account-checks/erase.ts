import {
  DeleteObjectCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { DeleteCommand, DynamoDBDocumentClient, paginateQuery } from '@aws-sdk/lib-dynamodb';
import {
  DROPS_PREFIX,
  type DropState,
  dropId,
  PARTS_PREFIX,
  REPORTS_PREFIX,
} from '../../shared/drops/drop.ts';
import { objectStore } from '../../shared/drops/objects.ts';
import { dropStore } from '../../shared/drops/store.ts';
import { importId } from '../../shared/imports/model/import-process.ts';
import { CommandError } from '../command/command.ts';
import type { Account } from './check.ts';

/** Final states of a drop. */
const FINAL = new Set<DropState>(['ENDED', 'FAILED', 'REFUSED']);

/** Deletes the records of a supplier's imports. */
export async function eraseImports(
  { deployed, clients }: Account,
  importSupplier: string,
  identifiers: readonly string[],
): Promise<void> {
  const documents = DynamoDBDocumentClient.from(clients.dynamoDB);
  const TableName = deployed.nameOf('recordsimportprocesses');
  for (const externalIdentifier of identifiers) {
    const id = importId({ importSupplier, externalIdentifier });
    await documents.send(new DeleteCommand({ TableName, Key: { id } }));
  }
}

/**
 * Deletes all dropped files of a supplier with their part outputs, reports and records, including those of earlier runs.
 *
 * @throws CommandError if a drop is still processed. It is not deleted: its reader would fail without the records and raise an alarm
 */
export async function eraseDrops(account: Account, importSupplier: string): Promise<void> {
  const bucket = account.deployed.output('DropsBucket');
  const keys = await keysBelow(account.clients.s3, bucket, `${DROPS_PREFIX}${importSupplier}/`);
  const busy: string[] = [];
  for (const key of keys) {
    if (!(await eraseDrop(account, importSupplier, bucket, key))) busy.push(key);
  }
  if (busy.length > 0) throw new CommandError(`still worked on: ${busy.join(', ')}; the next run erases it`);
}

/** Deletes a drop. Returns false, and deletes nothing, if it is still processed. */
async function eraseDrop(
  account: Account,
  importSupplier: string,
  bucket: string,
  key: string,
): Promise<boolean> {
  const { s3, dynamoDB } = account.clients;
  const documents = DynamoDBDocumentClient.from(dynamoDB);
  const found = await objectStore(s3).head(bucket, key);
  if (found === undefined) return true;
  const id = dropId(found.source);
  const table = account.deployed.output('DropsTable');
  const drop = await dropStore(documents, table, { keptDays: undefined, clock: Date.now }).get(id);
  if (drop !== undefined && !FINAL.has(drop.state)) return false;
  await eraseImports(account, importSupplier, await identifiersIn(s3, bucket, key));
  await eraseObjects(s3, bucket, `${REPORTS_PREFIX}${key.slice(DROPS_PREFIX.length)}/`);
  await eraseObjects(s3, bucket, `${PARTS_PREFIX}${id}/`);
  await eraseItems(documents, table, id);
  // Deletes the file last: after an interruption the next run finds the rest by it.
  await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  return true;
}

/** Returns the supply point identifiers in a file of these checks. */
async function identifiersIn(s3: S3Client, Bucket: string, Key: string): Promise<string[]> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  const rows = ((await Body?.transformToString()) ?? '').split('\n').filter(Boolean);
  return rows.map((row) => JSON.parse(row).payload.supply_point.identifier);
}

async function keysBelow(client: S3Client, Bucket: string, Prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix })) {
    keys.push(...Contents.map(({ Key = '' }) => Key));
  }
  return keys;
}

async function eraseObjects(s3: S3Client, Bucket: string, Prefix: string): Promise<void> {
  for (const Key of await keysBelow(s3, Bucket, Prefix)) {
    await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  }
}

async function eraseItems(client: DynamoDBDocumentClient, TableName: string, id: string): Promise<void> {
  const query = { TableName, KeyConditionExpression: 'id = :id', ExpressionAttributeValues: { ':id': id } };
  for await (const { Items = [] } of paginateQuery({ client }, query)) {
    for (const { item } of Items) await client.send(new DeleteCommand({ TableName, Key: { id, item } }));
  }
}
