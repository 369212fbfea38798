import { Readable } from 'node:stream';
import type { ErrorBody } from '../contract/request.ts';
import { type Drop, type DropPart, type DropProblem, reportKey, WORK_PREFIX } from './drop.ts';
import type { ObjectStore } from './objects.ts';
import type { DropStore } from './store.ts';
import { addErrors, type ErrorTally, mostFrequent, type RowOutcome, type Tally } from './tally.ts';

/** Errors that a summary names. */
const ERRORS_NAMED_MAX = 10;

/** What a run leaves in `work/` of a part: first a line of its errors, then a line for each row that was not accepted. */
const workKey = (
  drop: Drop,
  { part, run }: Pick<DropPart, 'part' | 'run'>,
  what: 'failed' | 'accepted',
): string => `${WORK_PREFIX}${drop.id}/${String(part).padStart(6, '0')}-${run}.${what}`;

/** A row that was not accepted, with its line in the part: the rest of its line in the report comes ready. */
export type FailedRow = { line: number; offset: number; outcome: Exclude<RowOutcome, { kind: 'accepted' }> };

/** Keeps what a part's run found, under a name of the run's own: two runs of a part never write over each other. */
export async function putWork(
  objects: ObjectStore,
  drop: Drop,
  part: Pick<DropPart, 'part' | 'run'>,
  found: { tally: Tally; failed: readonly FailedRow[]; accepted: readonly string[] },
): Promise<void> {
  const failed = found.failed.map(
    ({ line, offset, outcome }) => `${line}\t${JSON.stringify(failedRow(offset, outcome))}`,
  );
  const text = [JSON.stringify(found.tally.errors), ...failed].join('\n');
  await Promise.all([
    objects.put(drop.bucket, workKey(drop, part, 'failed'), text, 'application/x-ndjson'),
    objects.put(drop.bucket, workKey(drop, part, 'accepted'), found.accepted.join('\n'), 'text/plain'),
  ]);
}

function failedRow(offset: number, { kind, identifier, errors }: FailedRow['outcome']): ErrorBody {
  return { offset, ...(identifier === undefined ? {} : { identifier }), outcome: kind, errors };
}

/** The identifiers of a part's accepted rows, in their order. */
export async function acceptedOf(objects: ObjectStore, drop: Drop, part: DropPart): Promise<string[]> {
  const text = await objects.text(drop.bucket, workKey(drop, part, 'accepted'));
  return text === '' ? [] : text.split('\n');
}

/**
 * Writes a drop's report from what its parts left: `failed.ndjson`, a line for each row that was not accepted, with its line in the file
 * (1-based), its byte offset, its identifier if it names one, and the error body as the endpoint would give it; and `summary.json`.
 * Twice writes the same.
 */
export async function writeReport(objects: ObjectStore, drops: DropStore, drop: Drop): Promise<void> {
  const parts = await drops.parts(drop.id);
  const errors = new Map<string, ErrorTally>();
  const lines = Readable.from(failedLines(objects, drop, parts, errors), { objectMode: false });
  await objects.putStream(drop.bucket, reportKey(drop, 'failed.ndjson'), lines, 'application/x-ndjson');
  await writeSummary(objects, drop, mostFrequent(errors.values(), ERRORS_NAMED_MAX));
}

async function* failedLines(
  objects: ObjectStore,
  drop: Drop,
  parts: readonly DropPart[],
  errors: Map<string, ErrorTally>,
): AsyncGenerator<string> {
  let linesBefore = 0;
  for (const part of parts) {
    const [head, ...failed] = (await objects.text(drop.bucket, workKey(drop, part, 'failed'))).split('\n');
    addErrors(errors, JSON.parse(head!) as ErrorTally[], linesBefore);
    if (failed.length > 0) yield `${failed.map((line) => absolute(line, linesBefore)).join('\n')}\n`;
    linesBefore += part.lines;
  }
}

/** `12\t{"offset":…}` of a part that begins after 100 lines → `{"line":112,"offset":…}`. */
function absolute(line: string, linesBefore: number): string {
  const tab = line.indexOf('\t');
  return `{"line":${linesBefore + Number(line.slice(0, tab))},${line.slice(tab + 2)}`;
}

/** Writes `summary.json` anew with what the drop's record says now; errors are those already in it unless given. */
export async function writeSummary(
  objects: ObjectStore,
  drop: Drop,
  errors?: readonly ErrorTally[],
): Promise<void> {
  const key = reportKey(drop, 'summary.json');
  const named = errors ?? JSON.parse(await objects.text(drop.bucket, key))['most_frequent_errors'];
  await objects.put(
    drop.bucket,
    key,
    json({ ...summaryOf(drop), most_frequent_errors: named }),
    'application/json',
  );
}

/** The summary of a drop that was not read. */
export const refusalSummary = (drop: Drop, problem: DropProblem): string =>
  json({ ...summaryOf({ ...drop, state: 'REFUSED', problem }), most_frequent_errors: [] });

/** What an operator is told of a drop: times in UTC, ISO 8601. */
function summaryOf(drop: Drop): Record<string, unknown> {
  const time = (epochMs: number | undefined) =>
    epochMs === undefined ? null : new Date(epochMs).toISOString();
  const { rows, accepted, already_imported, in_progress, duplicate, invalid, processed, errored, other } =
    drop;
  return {
    drop: drop.id,
    import_supplier: drop.import_supplier,
    key: drop.key,
    version: drop.etag,
    size_bytes: drop.size_bytes,
    state: drop.state,
    problem: drop.problem ?? null,
    rows: { read: rows, accepted, already_imported, in_progress, duplicate, invalid },
    imports: { processed, errored, other, open: accepted - processed - errored - other },
    times: { dropped: time(drop.created_at), read: time(drop.read_at), ended: time(drop.ended_at) },
  };
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
