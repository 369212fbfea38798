import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { type Drop, dropId, dropSource } from '../../shared/drops/drop.ts';
import { dropStore } from '../../shared/drops/store.ts';
import { ROWS_REMEMBERED_MAX } from '../../shared/imports/transitions.ts';
import { FOREVER } from '../support/lifetime.ts';
import { guideRequest } from '../support/requests.ts';
import { dropReportOf } from './drop-report.ts';
import type { World } from './world.ts';

/** A file that was dropped: its drop's id and name, and the identifier that each of its rows asks for. */
export type Dropped = { id: string; name: string; importSupplier: string; rows: readonly string[] };

let files = 0;

/** Drops a file with a row for each identifier, all to be imported from a time on, if one is given. */
export async function drop(
  { clients, buckets }: World,
  importSupplier: string,
  rows: readonly string[],
  schedule_window_start: string | undefined,
): Promise<Dropped> {
  files += 1;
  const Bucket = buckets['drops']!;
  const name = `${importSupplier}/${files}.ndjson`;
  const Key = `drops/${name}`;
  const window = schedule_window_start === undefined ? {} : { taskParameters: { schedule_window_start } };
  const Body = rows
    .map((identifier) => JSON.stringify(guideRequest({ identifier, supplier: importSupplier, ...window })))
    .join('\n');
  await clients.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  const { ETag, LastModified } = await clients.s3.send(new HeadObjectCommand({ Bucket, Key }));
  const source = dropSource(Bucket, Key, ETag!.replaceAll('"', ''), LastModified!);
  return { id: dropId(source), name, importSupplier, rows };
}

const recordOf = ({ clients, tables }: World, { id }: Dropped) =>
  dropStore(clients.dynamodb, tables['drop-records']!, FOREVER).get(id);

/** Whether every row was read and every import that it accepted has ended; or the drop was refused. */
export async function isDropEnded(world: World, dropped: Dropped): Promise<boolean> {
  const state = (await recordOf(world, dropped))?.state;
  return state !== undefined && state !== 'READING' && state !== 'IMPORTING';
}

/** How many of a drop's rows the imports remember; undefined where one of them may have forgotten some. */
async function rowsSubmitted({ imports }: World, { id, importSupplier, rows }: Dropped) {
  const records = await Promise.all(
    [...new Set(rows)].map((externalIdentifier) => imports.get({ importSupplier, externalIdentifier })),
  );
  const remembered = records.map((record) => record?.rows ?? []);
  if (remembered.some(({ length }) => length === ROWS_REMEMBERED_MAX)) return undefined;
  return remembered.flat().filter((row) => row.startsWith(`${id}:`)).length;
}

/**
 * What must hold of a drop that has ended: every row is counted once, and so is the end of every import that it accepted; and it
 * accepted what was submitted, whichever run of a reader did it.
 */
export async function droppedViolations(world: World, dropped: Dropped): Promise<string[]> {
  const found = (await recordOf(world, dropped))!;
  // Its supplier was closed when it was planned.
  if (found.state === 'REFUSED') return [];
  const { accepted, already_imported, in_progress, duplicate, invalid } = found;
  const { processed, errored, dry_run_succeeded, dry_run_errored, cancelled } = found;
  const counted = accepted + already_imported + in_progress + duplicate + invalid;
  const repeated = dropped.rows.length - new Set(dropped.rows).size;
  // The first row of an identifier counts. If it was refused, the next is refused as it was.
  const duplicates =
    already_imported + in_progress + invalid === 0 ? repeated : Math.min(duplicate, repeated);
  const submitted = (await rowsSubmitted(world, dropped)) ?? accepted;
  const isRight =
    submitted === accepted &&
    found.state === 'ENDED' &&
    found.rows === dropped.rows.length &&
    counted === dropped.rows.length &&
    duplicate === duplicates &&
    processed + errored + dry_run_succeeded + dry_run_errored + cancelled === accepted;
  const said = isRight
    ? []
    : [
        `of the drop of ${dropped.rows.join(', ')}, ${submitted} of which were submitted, it is said ${JSON.stringify(found)}`,
      ];
  return [...said, ...(await reportViolations(world, dropped, found))];
}

/** The report lists each row that failed and each import that errored, as often as the record counts them, in the file's order. */
async function reportViolations(world: World, { name, rows }: Dropped, found: Drop): Promise<string[]> {
  const { summary, failed, alreadyImported } = await dropReportOf(world, name);
  const times = (outcome: string): number => failed.filter((row) => row.outcome === outcome).length;
  const isListed = (['errored', 'dry_run_errored', 'invalid', 'duplicate', 'in_progress'] as const).every(
    (outcome) => times(outcome) === found[outcome],
  );
  const isRightRow = ({ line, identifier }: { line: number | null; identifier?: string }): boolean =>
    line !== null && rows[line - 1] === identifier;
  const isRight =
    summary?.state === found.state &&
    isListed &&
    alreadyImported.length === found.already_imported &&
    [...failed, ...alreadyImported].every(isRightRow) &&
    failed.every(({ line }, index) => index === 0 || failed[index - 1]!.line! < line!);
  if (isRight) return [];
  return [
    `the drop of ${rows.join(', ')} is ${JSON.stringify(found)}, but its report lists ${JSON.stringify([summary, failed, alreadyImported])}`,
  ];
}
