import { Readable } from 'node:stream';
import { NoSuchKey } from '@aws-sdk/client-s3';
import { type Drop, type DropPart, type DropProblem, type FollowedPart, reportKey } from '../drop.ts';
import type { ObjectStore } from '../objects.ts';
import type { DropStore } from '../store.ts';
import {
  type ReportedRow,
  readErroredRows,
  readErrors,
  readFailedRows,
  readIgnoredFields,
} from './part-output.ts';
import {
  addErrored,
  addErrors,
  ErrorTallies,
  type ErrorTally,
  IgnoredTallies,
  type IgnoredTally,
} from './tally.ts';

/** Maximum numbers of errors and of ignored fields in a summary. */
const ERRORS_LISTED_MAX = 10;
const IGNORED_LISTED_MAX = 50;

/** The part of a summary that is not in the drop's item. */
type Findings = {
  most_frequent_errors: readonly Omit<ErrorTally, 'general'>[];
  /** The most frequent fields that are not in the contract. */
  ignored_fields: readonly IgnoredTally[];
  /** Number of occurrences of other such fields. */
  ignored_fields_not_listed: number;
};
export const NO_FINDINGS: Findings = {
  most_frequent_errors: [],
  ignored_fields: [],
  ignored_fields_not_listed: 0,
};

/**
 * Writes a drop's report from the results of its parts, in the order of the file's rows:
 * - `failed.ndjson`: a line per rejected row and per errored import. It has the line number in the file (1-based), the byte offset, the
 *   identifier if known, and the errors. These are the endpoint's error body without personal data, with suggestions for wrong codes; or
 *   the latest error of the import.
 * - `already_imported.ndjson`, if there are any: the rows whose supply points were imported before.
 * - `summary.json`.
 *
 * Idempotent. Memory use does not depend on the number of rows.
 */
export async function writeReport(objects: ObjectStore, drops: DropStore, drop: Drop): Promise<void> {
  const [parts, followed] = await Promise.all([drops.parts(drop.id), drops.followedParts(drop.id)]);
  const errors = new ErrorTallies();
  const ignored = new IgnoredTallies();
  for (const [part, linesBefore] of withLinesBefore(parts)) {
    addErrors(errors, await readErrors(objects, drop, part), linesBefore);
    const ignoredInPart = await readIgnoredFields(objects, drop, part);
    if (ignoredInPart !== undefined) ignored.addPart(ignoredInPart, linesBefore);
  }
  const failed = failedRows(objects, drop, withLinesBefore(parts), followed, errors);
  await putRows(objects, drop, 'failed.ndjson', failed);
  if (drop.already_imported > 0) {
    await putRows(objects, drop, 'already_imported.ndjson', alreadyImportedRows(objects, drop, parts));
  }
  const { fields, others } = ignored.mostFrequent(IGNORED_LISTED_MAX);
  await writeSummary(objects, drop, {
    most_frequent_errors: errors.mostFrequent(ERRORS_LISTED_MAX),
    ignored_fields: fields,
    ignored_fields_not_listed: others,
  });
}

const putRows = (
  objects: ObjectStore,
  drop: Drop,
  file: 'failed.ndjson' | 'already_imported.ndjson',
  rows: AsyncIterable<string>,
): Promise<void> => {
  const stream = Readable.from(rows, { objectMode: false });
  return objects.putStream(drop.bucket, reportKey(drop, file), stream, 'application/x-ndjson');
};

/** Yields the lines of `failed.ndjson` of the parts that were read so far and are wanted. */
export async function* failedRowsOfParts(
  objects: ObjectStore,
  drops: DropStore,
  drop: Drop,
  isWanted: (part: DropPart) => boolean,
): AsyncGenerator<string> {
  const [parts, followed] = await Promise.all([drops.parts(drop.id), drops.followedParts(drop.id)]);
  const wanted = withLinesBefore(parts).filter(([part]) => isWanted(part));
  yield* failedRows(objects, drop, wanted, followed, new ErrorTallies());
}

/** Yields the lines of `failed.ndjson`, and counts the errors of imports. */
async function* failedRows(
  objects: ObjectStore,
  drop: Drop,
  parts: readonly [DropPart, number | undefined][],
  followed: readonly FollowedPart[],
  errors: ErrorTallies,
): AsyncGenerator<string> {
  const followedParts = new Map(followed.map((one) => [one.part, one]));
  for (const [part, linesBefore] of parts) {
    const notAccepted = readFailedRows(objects, drop, part, linesBefore);
    const ended = followedParts.get(part.part);
    const errored = ended === undefined ? none() : readErroredRows(objects, drop, ended, linesBefore);
    const rows = inFileOrder(
      filtered(notAccepted, (row) => !isAlreadyImported(row)),
      counted(errored, errors),
    );
    for await (const { text } of rows) yield text;
  }
}

async function* alreadyImportedRows(
  objects: ObjectStore,
  drop: Drop,
  parts: readonly DropPart[],
): AsyncGenerator<string> {
  for (const [part, linesBefore] of withLinesBefore(parts)) {
    if (part.counts.already_imported === 0) continue;
    const rows = filtered(readFailedRows(objects, drop, part, linesBefore), isAlreadyImported);
    for await (const { text } of rows) yield text;
  }
}

const isAlreadyImported = ({ outcome }: ReportedRow): boolean => outcome === 'already_imported';

async function* none(): AsyncGenerator<ReportedRow> {}

async function* filtered(
  rows: AsyncIterable<ReportedRow>,
  isWanted: (row: ReportedRow) => boolean,
): AsyncGenerator<ReportedRow> {
  for await (const row of rows) if (isWanted(row)) yield row;
}

async function* counted(rows: AsyncIterable<ReportedRow>, errors: ErrorTallies): AsyncGenerator<ReportedRow> {
  for await (const row of rows) {
    addErrored(errors, row);
    yield row;
  }
}

/** Merges two sequences of rows, each in the order of the file. Rows with an unknown offset come first. */
async function* inFileOrder(
  one: AsyncGenerator<ReportedRow>,
  other: AsyncGenerator<ReportedRow>,
): AsyncGenerator<ReportedRow> {
  let [left, right] = [await one.next(), await other.next()];
  while (!left.done || !right.done) {
    const isLeft = right.done || (!left.done && (left.value.offset ?? -1) <= (right.value.offset ?? -1));
    if (isLeft && !left.done) {
      yield left.value;
      left = await one.next();
    } else if (!right.done) {
      yield right.value;
      right = await other.next();
    }
  }
}

/** Returns each part with the number of lines before it; undefined after a part that was not read, or with an unknown number of lines. */
function withLinesBefore(parts: readonly DropPart[]): [DropPart, number | undefined][] {
  let before: number | undefined = 0;
  return parts.map((part, index) => {
    if (part.part !== index) before = undefined;
    const entry: [DropPart, number | undefined] = [part, before];
    before = before === undefined || part.lines === undefined ? undefined : before + part.lines;
    return entry;
  });
}

/** Returns the number of lines in the file before a part; undefined if a part before it was not read, or not to its end. */
export function linesBeforePart(parts: readonly DropPart[], number: number): number | undefined {
  const before = parts.filter(({ part }) => part < number);
  if (before.length < number || before.some(({ lines }) => lines === undefined)) return undefined;
  return before.reduce((sum, { lines = 0 }) => sum + lines, 0);
}

/** Writes `summary.json` with the drop's current state. Without `findings`, those of the existing summary are kept. */
export async function writeSummary(objects: ObjectStore, drop: Drop, findings?: Findings): Promise<void> {
  const key = reportKey(drop, 'summary.json');
  const text = summary(drop, findings ?? (await findingsIn(objects, drop.bucket, key)));
  await objects.put(drop.bucket, key, text, 'application/json');
}

/** Reads the findings of a summary. Earlier versions wrote only some of them. */
async function findingsIn(objects: ObjectStore, bucket: string, key: string): Promise<Findings> {
  const { most_frequent_errors, ignored_fields, ignored_fields_not_listed } = {
    ...NO_FINDINGS,
    ...(JSON.parse(await objects.text(bucket, key)) as Partial<Findings>),
  };
  return { most_frequent_errors, ignored_fields, ignored_fields_not_listed };
}

/** Reads the most frequent errors from a drop's report; none if it is not written, or has expired. */
export async function reportedErrors(
  objects: ObjectStore,
  drop: Drop,
): Promise<Findings['most_frequent_errors']> {
  try {
    return (await findingsIn(objects, drop.bucket, reportKey(drop, 'summary.json'))).most_frequent_errors;
  } catch (error) {
    if (error instanceof NoSuchKey) return [];
    throw error;
  }
}

const summary = (drop: Drop, findings: Findings): string => json({ ...statusOf(drop), ...findings });

/** Returns the summary of a refused drop. */
export const refusalSummary = (drop: Drop, problem: DropProblem): string =>
  summary({ ...drop, state: 'REFUSED', problem }, NO_FINDINGS);

/** Returns a drop's status for operators: its state, its progress and the counts of its rows. Times are ISO 8601 in UTC. */
export function statusOf(drop: Drop): Record<string, unknown> {
  const time = (epochMs: number | undefined) =>
    epochMs === undefined ? null : new Date(epochMs).toISOString();
  const { rows, accepted, already_imported, in_progress, duplicate, invalid } = drop;
  return {
    drop: drop.id,
    import_supplier: drop.import_supplier,
    key: drop.key,
    version: drop.version,
    size_bytes: drop.size_bytes,
    state: drop.state,
    problem: drop.problem ?? null,
    // The number of a stream's parts is unknown until its end is found.
    parts: { read: drop.parts_done?.size ?? 0, of: drop.parts_total ?? null },
    rows: { read: rows, accepted, already_imported, in_progress, duplicate, invalid },
    imports: importsOf(drop),
    times: {
      dropped: time(drop.dropped_at),
      planned: time(drop.created_at),
      read: time(drop.read_at),
      ended: time(drop.ended_at),
    },
  };
}

/** Returns the counts of the accepted imports by final state, and of the open ones. */
function importsOf(drop: Drop): Record<string, number> {
  const { processed, errored, dry_run_succeeded, dry_run_errored, cancelled, erased, other } = drop;
  const ended = processed + errored + dry_run_succeeded + dry_run_errored + cancelled + erased + other;
  return {
    processed,
    errored,
    dry_run_succeeded,
    dry_run_errored,
    cancelled,
    ...(erased > 0 && { erased }),
    // Only in items of earlier versions.
    ...(other > 0 && { other }),
    open: drop.accepted - ended,
  };
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
