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

/** Where drops are kept: the bucket, and the table of their records. */
export type DropPlace = { s3: S3Client; dynamodb: DynamoDBDocumentClient; bucket: string; table: string };

/** A supplier's dropped files with their reports, the parts that readers left, and their records. */
export type DroppedFiles = {
  /** Files before what was made of them, so that a drop that is deleted in part cannot be read again. */
  keys: string[];
  /** Identifiers of the drops. */
  drops: string[];
  /** Drops that are being read or imported. */
  open: number;
};

/** Finds what a supplier dropped. Drops whose file and report are gone are not found: their records and parts expire. */
export async function droppedFiles(place: DropPlace, supplier: string): Promise<DroppedFiles> {
  const { bucket, table, dynamodb } = place;
  const files = await objectsBelow(place, `${DROPS_PREFIX}${supplier}/`);
  const reports = await objectsBelow(place, `${REPORTS_PREFIX}${supplier}/`);
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
    parts.push(...(await objectsBelow(place, `${PARTS_PREFIX}${id}/`)));
  }
  return { keys: [...files, ...reports, ...parts].map(({ key }) => key), drops: [...drops], open };
}

/** Deletes what {@link droppedFiles} found. A run that was broken off is finished by the next: reports, which lead to the rest, go last. */
export async function eraseFiles(place: DropPlace, { keys, drops }: DroppedFiles): Promise<void> {
  const isReport = (key: string): boolean => key.startsWith(REPORTS_PREFIX);
  const removeAll = async (some: readonly string[]): Promise<void> => {
    for (const Key of some) await place.s3.send(new DeleteObjectCommand({ Bucket: place.bucket, Key }));
  };
  await removeAll(keys.filter((key) => !isReport(key)));
  for (const id of drops) await eraseRecords(place, id);
  await removeAll(keys.filter(isReport));
}

async function eraseRecords({ dynamodb: client, table }: DropPlace, id: string): Promise<void> {
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

async function objectsBelow({ s3: client, bucket }: DropPlace, prefix: string) {
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

/** The drop of a report `reports/<supplier>/<name>/<version>/<file>`; none where the name was shortened (drop.ts, reportKey). */
function dropOfReport(bucket: string, reportKey: string): string[] {
  const [, name, version] = /^reports\/(.+)\/([^/]+)\/[^/]+$/s.exec(reportKey) ?? [];
  const key = `${DROPS_PREFIX}${name}`;
  return version === undefined || parseDropKey(key) === undefined ? [] : [dropId({ bucket, key, version })];
}
