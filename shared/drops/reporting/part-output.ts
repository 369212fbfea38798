import type { Suggestions } from '../../contract/suggest-codes.ts';
import type { ImportError } from '../../imports/model/import-process.ts';
import { type Drop, type DropPart, type DropProblem, type FollowedPart, PARTS_PREFIX } from '../drop.ts';
import type { ObjectStore } from '../objects.ts';
import { lineOutput } from './line-output.ts';
import { redact } from './redact.ts';
import type { ErrorTally, IgnoredFields, RowOutcome } from './tally.ts';

/** A run of a part. The keys of its objects in `parts/` contain the run, because concurrent runs must not overwrite each other. */
export type PartRun = { part: number; run: string };

type PartObject = 'failed' | 'accepted' | 'errors' | 'ignored' | 'errored';

const partObjectKey = (drop: Drop, { part, run }: PartRun, object: PartObject): string =>
  `${PARTS_PREFIX}${drop.id}/${String(part).padStart(6, '0')}-${run}.${object}`;

/** An accepted row: its line, relative to the part, and its byte offset. Earlier versions stored only the identifier. */
export type AcceptedRow = { identifier: string; line?: number | undefined; offset?: number | undefined };

/**
 * Maximum bytes of a part's rejected rows. Further ones are counted, but not listed. A part of 8 MiB has about 6,000 rows of the usual
 * size, which leaves ten kilobytes of errors for each. The errors of a row of two bytes are seventy times its size.
 */
export const PART_FAILED_BYTES_MAX = 64 * 1024 * 1024;

/** The problem of a part with more bytes of rejected rows. */
const NOT_ALL_LISTED: DropProblem = {
  code: 'failed_rows_not_listed',
  detail: `A part of the file has more than ${PART_FAILED_BYTES_MAX} bytes of errors: failed.ndjson lists only some of its rows. All rows were read and counted.`,
};

/**
 * Stores a part's results in S3 for the report. Streams a line per rejected row, because they may exceed the memory. On `close`, writes
 * the accepted rows and the counts of errors and of ignored fields.
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
  const put = (object: PartObject, text: string, type: string) =>
    objects.put(drop.bucket, partObjectKey(drop, run, object), text, type);

  return {
    /** Adds a row. `line` is relative to the part. */
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
    /** Completes the output. Returns a problem if not all rejected rows are listed. */
    async close(errors: readonly ErrorTally[], ignored: IgnoredFields): Promise<DropProblem | undefined> {
      await Promise.all([
        failed.close(),
        accepted.length > 0 && put('accepted', accepted.join('\n'), 'text/plain'),
        errors.length > 0 && put('errors', JSON.stringify(errors), 'application/json'),
        ignored.fields.length > 0 && put('ignored', JSON.stringify(ignored), 'application/json'),
      ]);
      return failedBytes > failedBytesMax ? NOT_ALL_LISTED : undefined;
    },
    /** Cancels the upload. */
    abort(): void {
      failed.abort();
    },
  };
}

/** Returns a line of a part's objects: the row's line, relative to the part, and the JSON for the report. */
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

/** Escapes U+2028 and U+2029: readline splits at them (source: Node documentation, readline, event `'line'`), and JSON.stringify does not escape them. */
const escaped = (separator: string): string => `\\u${separator.charCodeAt(0).toString(16)}`;

/** Stores a part's errored imports in S3 for the report, in the order of their rows. */
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

/** The report's outcomes for accepted rows whose imports errored. */
export type ErroredOutcome = 'errored' | 'dry_run_errored';

/** Reads a part's accepted rows, in order. */
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

/** Reads a part's errors, by kind. */
export async function readErrors(objects: ObjectStore, drop: Drop, part: DropPart): Promise<ErrorTally[]> {
  const { run, counts } = part;
  if (run === undefined || !hasFailedRows(part) || counts.rows === counts.accepted + counts.already_imported)
    return [];
  const key = partObjectKey(drop, { part: part.part, run }, 'errors');
  return JSON.parse(await objects.text(drop.bucket, key)) as ErrorTally[];
}

/** Reads a part's ignored fields; undefined if it has none. */
export async function readIgnoredFields(
  objects: ObjectStore,
  drop: Drop,
  { part, run, has_ignored_fields }: DropPart,
): Promise<IgnoredFields | undefined> {
  if (run === undefined || !has_ignored_fields) return undefined;
  return JSON.parse(await objects.text(drop.bucket, partObjectKey(drop, { part, run }, 'ignored')));
}

const hasFailedRows = ({ counts }: DropPart): boolean => counts.rows > counts.accepted;

/** A row of the report: its line in the file if known, its byte offset if known, its outcome, and its JSON. */
export type ReportedRow = {
  line: number | undefined;
  offset: number | undefined;
  outcome: string | undefined;
  /** The report's line, with its line end. */
  text: string;
};

/**
 * Reads a part's rejected rows, in order.
 *
 * @param linesBefore lines in the file before the part; undefined if unknown. Then the rows have no line.
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

/** Reads a part's rows whose imports errored, in order. `linesBefore` as in {@link readFailedRows}. */
export async function* readErroredRows(
  objects: ObjectStore,
  drop: Drop,
  { part, run }: FollowedPart,
  linesBefore: number | undefined,
): AsyncGenerator<ReportedRow> {
  if (run === undefined) return;
  yield* reportedRows(objects, drop, partObjectKey(drop, { part, run }, 'errored'), linesBefore);
}

/** The beginning of the JSON that `reportLine` writes. Identifiers consist of capitals and digits. */
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
    // In a part after 100 lines: `12\t{"offset":…}` → `{"line":112,"offset":…}`.
    const text = `{"line":${line ?? null},${row.slice(tab + 2)}\n`;
    yield { line, offset: Number.isNaN(Number(offset)) ? undefined : Number(offset), outcome, text };
  }
}
