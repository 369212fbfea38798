import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { dropId, dropSource } from '../../shared/drops/drop.ts';
import { dropStore } from '../../shared/drops/store.ts';
import { guideRequest } from '../support/requests.ts';
import type { World } from './world.ts';

/** A file that was dropped: its drop's id, and the identifier that each of its rows asks for. */
export type Dropped = { id: string; importSupplier: string; rows: readonly string[] };

let files = 0;

/** Drops a file with a row for each identifier. */
export async function drop(
  { clients, buckets }: World,
  importSupplier: string,
  rows: readonly string[],
): Promise<Dropped> {
  files += 1;
  const Bucket = buckets['drops']!;
  const Key = `drops/${importSupplier}/${files}.ndjson`;
  const Body = rows
    .map((identifier) => JSON.stringify(guideRequest({ identifier, supplier: importSupplier })))
    .join('\n');
  await clients.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  const { ETag, LastModified } = await clients.s3.send(new HeadObjectCommand({ Bucket, Key }));
  const source = dropSource(Bucket, Key, ETag!.replaceAll('"', ''), LastModified!);
  return { id: dropId(source), importSupplier, rows };
}

const recordOf = ({ clients, tables }: World, { id }: Dropped) =>
  dropStore(clients.dynamodb, tables['drop-records']!).get(id);

/** Whether every row was read and every import that it accepted has ended; or the drop was refused. */
export async function isDropEnded(world: World, dropped: Dropped): Promise<boolean> {
  const state = (await recordOf(world, dropped))?.state;
  return state !== undefined && state !== 'READING' && state !== 'IMPORTING';
}

/** What must hold of a drop that has ended: every row is counted once, and so is the end of every import that it accepted. */
export async function droppedViolations(world: World, dropped: Dropped): Promise<string[]> {
  const found = (await recordOf(world, dropped))!;
  // Its supplier was closed when it was planned.
  if (found.state === 'REFUSED') return [];
  const { accepted, already_imported, in_progress, duplicate, invalid, processed, errored, other } = found;
  const counted = accepted + already_imported + in_progress + duplicate + invalid;
  const repeated = dropped.rows.length - new Set(dropped.rows).size;
  // The first row of an identifier counts. If it was refused, the next is refused as it was.
  const duplicates =
    already_imported + in_progress + invalid === 0 ? repeated : Math.min(duplicate, repeated);
  const isRight =
    found.state === 'ENDED' &&
    found.rows === dropped.rows.length &&
    counted === dropped.rows.length &&
    duplicate === duplicates &&
    processed + errored + other === accepted;
  return isRight ? [] : [`of the drop of ${dropped.rows.join(', ')} it is said ${JSON.stringify(found)}`];
}
