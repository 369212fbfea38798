import { DeleteObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { DeleteCommand, type DynamoDBDocumentClient, paginateQuery } from '@aws-sdk/lib-dynamodb';
import {
  DROPS_PREFIX,
  dropId,
  dropSource,
  PARTS_PREFIX,
  parseDropKey,
  REPORTS_PREFIX,
} from '../../shared/drops/drop.ts';
import { dropStore } from '../../shared/drops/store.ts';

/** The bucket of dropped files, and the table of their records. */
export type DropLocation = { s3: S3Client; dynamodb: DynamoDBDocumentClient; bucket: string; table: string };

/** A supplier's dropped files with their reports, part outputs and records. */
export type DroppedFiles = {
  /** Object keys in the order of deletion: the files first, so a partly deleted drop cannot be read again. */
  keys: string[];
  /** Drop ids. */
  drops: string[];
  /** Number of drops that are being read or imported. */
  open: number;
};

/** Finds a supplier's drops by their files and reports. Without either, a drop is not found; its records and parts expire. */
export async function droppedFiles(location: DropLocation, supplier: string): Promise<DroppedFiles> {
  const { bucket, table, dynamodb } = location;
  const files = await objectsBelow(location, `${DROPS_PREFIX}${supplier}/`);
  const reports = await objectsBelow(location, `${REPORTS_PREFIX}${supplier}/`);
  const drops = new Set([
    ...files.map(({ key, etag, uploaded }) => dropId(dropSource(bucket, key, etag, uploaded))),
    ...reports.flatMap(({ key }) => dropOfReport(bucket, key)),
  ]);
  const parts = [];
  const store = dropStore(dynamodb, table, { keptDays: undefined, clock: Date.now });
  let open = 0;
  for (const id of drops) {
    const drop = await store.get(id);
    if (drop?.state === 'READING' || drop?.state === 'IMPORTING') open += 1;
    parts.push(...(await objectsBelow(location, `${PARTS_PREFIX}${id}/`)));
  }
  return { keys: [...files, ...reports, ...parts].map(({ key }) => key), drops: [...drops], open };
}

/** Deletes the result of {@link droppedFiles}. Reports are deleted last, because a run after an interruption finds the rest by them. */
export async function eraseFiles(location: DropLocation, { keys, drops }: DroppedFiles): Promise<void> {
  const isReport = (key: string): boolean => key.startsWith(REPORTS_PREFIX);
  const removeAll = async (some: readonly string[]): Promise<void> => {
    for (const Key of some) await location.s3.send(new DeleteObjectCommand({ Bucket: location.bucket, Key }));
  };
  await removeAll(keys.filter((key) => !isReport(key)));
  for (const id of drops) await eraseRecords(location, id);
  await removeAll(keys.filter(isReport));
}

async function eraseRecords({ dynamodb: client, table }: DropLocation, id: string): Promise<void> {
  const query = {
    TableName: table,
    KeyConditionExpression: 'id = :id',
    ExpressionAttributeValues: { ':id': id },
    ProjectionExpression: 'id, #item',
    ExpressionAttributeNames: { '#item': 'item' },
  };
  for await (const { Items = [] } of paginateQuery({ client }, query)) {
    for (const Key of Items) await client.send(new DeleteCommand({ TableName: table, Key }));
  }
}

async function objectsBelow({ s3: client, bucket }: DropLocation, prefix: string) {
  const objects: { key: string; etag: string; uploaded: Date }[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2(
    { client },
    { Bucket: bucket, Prefix: prefix },
  )) {
    for (const { Key, ETag = '', LastModified = new Date(0) } of Contents)
      objects.push({ key: Key!, etag: ETag.replace(/^"|"$/g, ''), uploaded: LastModified });
  }
  return objects;
}

/** Returns the id of the drop of a report `reports/<supplier>/<name>/<version>/<file>`, or nothing if its name is shortened (drop.ts, reportKey). */
function dropOfReport(bucket: string, reportKey: string): string[] {
  const [, name, version] = /^reports\/(.+)\/([^/]+)\/[^/]+$/s.exec(reportKey) ?? [];
  const key = `${DROPS_PREFIX}${name}`;
  return version === undefined || parseDropKey(key) === undefined ? [] : [dropId({ bucket, key, version })];
}
