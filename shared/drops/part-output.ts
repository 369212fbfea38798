import type { Suggestions } from '../contract/suggest-codes.ts';
import type { ImportError } from '../imports/import-process.ts';
import { type Drop, type DropPart, type DropProblem, type FollowedPart, PARTS_PREFIX } from './drop.ts';
import { lineOutput } from './line-output.ts';
import type { ObjectStore } from './objects.ts';
import { redact } from './redact.ts';
import type { ErrorTally, IgnoredFields, RowOutcome } from './tally.ts';

/** A part's run: its objects in `parts/` have a name of the run's own, so that two runs of a part never write over each other. */
export type PartRun = { part: number; run: string };

type PartObject = 'failed' | 'accepted' | 'errors' | 'ignored' | 'errored';

const partObjectKey = (drop: Drop, { part, run }: PartRun, what: PartObject): string =>
  `${PARTS_PREFIX}${drop.id}/${String(part).padStart(6, '0')}-${run}.${what}`;

/** An accepted row: its line, counted from the part's first, and its byte offset. Earlier versions kept the identifier alone. */
export type AcceptedRow = { identifier: string; line?: number | undefined; offset?: number | undefined };

/**
 * Bytes of a part's rows that were not accepted: further ones are counted, and not listed. A part of 8 MiB has 6,000 rows of the usual
 * size, so each may have ten kilobytes of errors; rows of two bytes have seventy times their size of them.
 */
export const PART_FAILED_BYTES_MAX = 64 * 1024 * 1024;

/** What the report says where a part had more. */
const NOT_ALL_LISTED: DropProblem = {
  code: 'failed_rows_not_listed',
  detail: `A part of the file has more than ${PART_FAILED_BYTES_MAX} bytes of errors: failed.ndjson lists only some of its rows. All rows were read and counted.`,
};

/**
 * Keeps what a run finds in a part for the report's writer: a line for each row that was not accepted, as it is found, so that no
 * part is too large for memory; then the accepted rows, and the errors and ignored fields counted.
 */
export function partOutput(
  objects: ObjectStore,
  drop: Drop,
  run: PartRun,
  failedBytesMax = PART_FAILED_BYTES_MAX,
) {
  const failed = lineOutput(objects, drop.bucket, partObjectKey(drop, run, 'failed'));
  const accepted: string[] = [];
  let failedBytes = 0;
  const put = (what: PartObject, text: string, type: string) =>
    objects.put(drop.bucket, partObjectKey(drop, run, what), text, type);

  return {
    /** `line` is counted from the part's first. */
    async add(line: number, offset: number, outcome: RowOutcome): Promise<void> {
      if (outcome.kind === 'accepted') accepted.push(`${outcome.identifier}\t${line}\t${offset}`);
      else {
        if (failedBytes > failedBytesMax) return;
        const { identifier, kind, suggestions } = outcome;
        const text = reportLine(line, offset, identifier, kind, redact(outcome.errors), suggestions);
        failedBytes += Buffer.byteLength(text);
        if (failedBytes <= failedBytesMax) await failed.write(text);
      }
    },
    /** Answers what is wrong with what was kept, if anything is. */
    async close(errors: readonly ErrorTally[], ignored: IgnoredFields): Promise<DropProblem | undefined> {
      await Promise.all([
        failed.close(),
        accepted.length > 0 && put('accepted', accepted.join('\n'), 'text/plain'),
        errors.length > 0 && put('errors', JSON.stringify(errors), 'application/json'),
        ignored.fields.length > 0 && put('ignored', JSON.stringify(ignored), 'application/json'),
      ]);
      return failedBytes > failedBytesMax ? NOT_ALL_LISTED : undefined;
    },
    /** Leaves nothing half written. */
    abort(): void {
      failed.abort();
    },
  };
}

/** A line of a part's objects: the row's line, counted from the part's first, and what the report says of it. */
function reportLine(
  line: number | undefined,
  offset: number | undefined,
  identifier: string | undefined,
  outcome: string,
  errors: unknown,
  suggestions?: Suggestions,
): string {
  const row = JSON.stringify({ offset: offset ?? null, identifier, outcome, errors, suggestions });
  return `${line ?? ''}\t${row.replaceAll(/[\u2028\u2029]/g, escaped)}\n`;
}

/** Node's readline takes these two for line ends, as which JSON does not escape them (Node documentation, readline, `'line'`). */
const escaped = (separator: string): string => `\\u${separator.charCodeAt(0).toString(16)}`;

/** Keeps which of a part's imports errored, in the order of their rows, for the report's writer. */
export function erroredOutput(objects: ObjectStore, drop: Drop, run: PartRun) {
  const errored = lineOutput(objects, drop.bucket, partObjectKey(drop, run, 'errored'));
  return {
    add({ line, offset, identifier }: AcceptedRow, outcome: ErroredOutcome, error: ImportError | undefined) {
      return errored.write(reportLine(line, offset, identifier, outcome, error ?? null));
    },
    close: errored.close,
    abort: errored.abort,
  };
}

/** Outcomes of accepted rows whose imports did not end well, as the report names them. */
export type ErroredOutcome = 'errored' | 'dry_run_errored';

/** A part's accepted rows, in their order. */
export async function readAccepted(
  objects: ObjectStore,
  drop: Drop,
  { part, run, counts }: DropPart,
): Promise<AcceptedRow[]> {
  if (run === undefined || counts.accepted === 0) return [];
  const text = await objects.text(drop.bucket, partObjectKey(drop, { part, run }, 'accepted'));
  return text.split('\n').map((row) => {
    const [identifier, line, offset] = row.split('\t');
    return line === undefined
      ? { identifier: identifier! }
      : { identifier: identifier!, line: Number(line), offset: Number(offset) };
  });
}

/** A part's errors, by kind. */
export async function readErrors(objects: ObjectStore, drop: Drop, part: DropPart): Promise<ErrorTally[]> {
  const { run, counts } = part;
  if (run === undefined || !hasFailedRows(part) || counts.rows === counts.accepted + counts.already_imported)
    return [];
  const key = partObjectKey(drop, { part: part.part, run }, 'errors');
  return JSON.parse(await objects.text(drop.bucket, key)) as ErrorTally[];
}

/** A part's ignored fields; undefined where it has none. */
export async function readIgnoredFields(
  objects: ObjectStore,
  drop: Drop,
  { part, run, has_ignored_fields }: DropPart,
): Promise<IgnoredFields | undefined> {
  if (run === undefined || !has_ignored_fields) return undefined;
  return JSON.parse(await objects.text(drop.bucket, partObjectKey(drop, { part, run }, 'ignored')));
}

const hasFailedRows = ({ counts }: DropPart): boolean => counts.rows > counts.accepted;

/** What the report says of a row, and where the row begins: its line in the file if that is known, and its byte offset. */
export type ReportedRow = {
  line: number | undefined;
  offset: number | undefined;
  outcome: string | undefined;
  /** Its line of the report, with the line end. */
  text: string;
};

/**
 * A part's rows that were not accepted, in their order.
 *
 * @param linesBefore lines of the file before the part; undefined where that is not known: then no line is said.
 */
export async function* readFailedRows(
  objects: ObjectStore,
  drop: Drop,
  part: DropPart,
  linesBefore: number | undefined,
): AsyncGenerator<ReportedRow> {
  const { run } = part;
  if (run === undefined || !hasFailedRows(part)) return;
  yield* reportedRows(objects, drop, partObjectKey(drop, { part: part.part, run }, 'failed'), linesBefore);
}

/** The rows of a part whose imports errored, in their order. `linesBefore` is as for {@link readFailedRows}. */
export async function* readErroredRows(
  objects: ObjectStore,
  drop: Drop,
  { part, run }: FollowedPart,
  linesBefore: number | undefined,
): AsyncGenerator<ReportedRow> {
  if (run === undefined) return;
  yield* reportedRows(objects, drop, partObjectKey(drop, { part, run }, 'errored'), linesBefore);
}

/** How each line begins that `reportLine` writes, after its tab. Identifiers have capitals and digits only. */
const PLACE_AND_OUTCOME = /^\{"offset":(\d+|null)(?:,"identifier":"[^"]*")?,"outcome":"(\w+)"/;

async function* reportedRows(
  objects: ObjectStore,
  drop: Drop,
  key: string,
  linesBefore: number | undefined,
): AsyncGenerator<ReportedRow> {
  for await (const row of objects.lines(drop.bucket, key)) {
    const tab = row.indexOf('\t');
    const line = linesBefore === undefined || tab === 0 ? undefined : linesBefore + Number(row.slice(0, tab));
    const [, offset, outcome] = PLACE_AND_OUTCOME.exec(row.slice(tab + 1)) ?? [];
    // `12\t{"offset":…}` of a part that begins after 100 lines → `{"line":112,"offset":…}`.
    const text = `{"line":${line ?? null},${row.slice(tab + 2)}\n`;
    yield { line, offset: Number.isNaN(Number(offset)) ? undefined : Number(offset), outcome, text };
  }
}
