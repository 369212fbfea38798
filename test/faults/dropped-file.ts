import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { type Drop, dropId, dropSource, isDropFinal } from '../../shared/drops/drop.ts';
import { dropStore } from '../../shared/drops/store.ts';
import { ROWS_REMEMBERED_MAX } from '../../shared/imports/model/transitions.ts';
import { FOREVER } from '../support/lifetime.ts';
import { guideRequest } from '../support/requests.ts';
import { dropReportOf } from './drop-report.ts';
import type { Simulation } from './simulation.ts';

/** A dropped file: its drop's id, its name, and the identifier of each row. */
export type DroppedFile = { id: string; name: string; importSupplier: string; rows: readonly string[] };

let files = 0;

/** Drops a file with a row for each identifier, each with this start of its window if there is one. */
export async function drop(
  { clients, buckets }: Simulation,
  importSupplier: string,
  rows: readonly string[],
  schedule_window_start: string | undefined,
): Promise<DroppedFile> {
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

const recordOf = ({ clients, tables }: Simulation, { id }: DroppedFile) =>
  dropStore(clients.dynamodb, tables['drop-records']!, FOREVER).get(id);

/** Whether the drop has reached a final state. */
export async function isDropFinished(simulation: Simulation, file: DroppedFile): Promise<boolean> {
  const state = (await recordOf(simulation, file))?.state;
  return state !== undefined && isDropFinal({ state });
}

/** How many of a drop's rows the imports' records list; undefined if a record may have dropped some of its rows. */
async function rowsSubmitted({ imports }: Simulation, { id, importSupplier, rows }: DroppedFile) {
  const records = await Promise.all(
    [...new Set(rows)].map((externalIdentifier) => imports.get({ importSupplier, externalIdentifier })),
  );
  const remembered = records.map((record) => record?.rows ?? []);
  if (remembered.some(({ length }) => length === ROWS_REMEMBERED_MAX)) return undefined;
  return remembered.flat().filter((row) => row.startsWith(`${id}:`)).length;
}

/**
 * Checks a finished drop: every row is counted once, every accepted import's outcome is counted once, and the accepted rows are
 * those that were submitted by any run of a reader.
 */
export async function droppedFileViolations(simulation: Simulation, file: DroppedFile): Promise<string[]> {
  const found = (await recordOf(simulation, file))!;
  // The supplier was closed when the drop was planned.
  if (found.state === 'REFUSED') return [];
  const { accepted, already_imported, in_progress, duplicate, invalid } = found;
  const { processed, errored, dry_run_succeeded, dry_run_errored, cancelled, erased } = found;
  const counted = accepted + already_imported + in_progress + duplicate + invalid;
  const repeated = file.rows.length - new Set(file.rows).size;
  // Repeated rows are duplicates only after a row that was accepted: after a rejected row the next is rejected, too.
  const duplicates =
    already_imported + in_progress + invalid === 0 ? repeated : Math.min(duplicate, repeated);
  const submitted = (await rowsSubmitted(simulation, file)) ?? accepted;
  const isCancelled = found.cancel_requested_at !== undefined;
  // A cancelled drop has the rows that were read, and may have ended before its last task saw the request.
  const isRead = isCancelled
    ? (found.state === 'CANCELLED' || found.state === 'ENDED') && found.rows <= file.rows.length
    : found.state === 'ENDED' && found.rows === file.rows.length && duplicate === duplicates;
  const isRight =
    isRead &&
    submitted === accepted &&
    counted === found.rows &&
    processed + errored + dry_run_succeeded + dry_run_errored + cancelled + erased === accepted;
  const wrongCounts = isRight
    ? []
    : [
        `the drop of ${file.rows.join(', ')}, with ${submitted} submitted rows, is recorded as ${JSON.stringify(found)}`,
      ];
  return [...wrongCounts, ...(await reportViolations(simulation, file, found))];
}

/** Checks that the report lists as many failed rows and imports as the record counts, in the file's order. */
async function reportViolations(
  simulation: Simulation,
  { name, rows }: DroppedFile,
  found: Drop,
): Promise<string[]> {
  const { summary, failed, alreadyImported } = await dropReportOf(simulation, name);
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
