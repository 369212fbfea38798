import { Readable } from 'node:stream';
import { type Drop, type DropPart, type DropProblem, reportKey } from './drop.ts';
import type { ObjectStore } from './objects.ts';
import type { DropStore } from './store.ts';
import { addErrors, type ErrorTally, mostFrequent } from './tally.ts';
import { errorsOf, failedRowsOf } from './work.ts';

/** Errors that a summary names. */
const ERRORS_NAMED_MAX = 10;

/**
 * Writes a drop's report from what its parts left: `failed.ndjson`, a line for each row that was not accepted, with its line in the file
 * (1-based), its byte offset, its identifier if it names one, and the error body as the endpoint would give it, but for quotes of
 * personal data; and `summary.json`.
 * Twice writes the same.
 */
export async function writeReport(objects: ObjectStore, drops: DropStore, drop: Drop): Promise<void> {
  const parts = await drops.parts(drop.id);
  const rows = Readable.from(failedRows(objects, drop, parts), { objectMode: false });
  await objects.putStream(drop.bucket, reportKey(drop, 'failed.ndjson'), rows, 'application/x-ndjson');

  const errors = new Map<string, ErrorTally>();
  for (const [part, linesBefore] of withLinesBefore(parts)) {
    addErrors(errors, await errorsOf(objects, drop, part), linesBefore);
  }
  await writeSummary(objects, drop, mostFrequent(errors.values(), ERRORS_NAMED_MAX));
}

async function* failedRows(
  objects: ObjectStore,
  drop: Drop,
  parts: readonly DropPart[],
): AsyncGenerator<string> {
  for (const [part, linesBefore] of withLinesBefore(parts)) {
    yield* failedRowsOf(objects, drop, part, linesBefore);
  }
}

/** Each part with how many lines are before it; undefined behind one whose lines nobody counted. */
function withLinesBefore(parts: readonly DropPart[]): [DropPart, number | undefined][] {
  let before: number | undefined = 0;
  return parts.map((part) => {
    const entry: [DropPart, number | undefined] = [part, before];
    before = before === undefined || part.lines === undefined ? undefined : before + part.lines;
    return entry;
  });
}

/** Writes `summary.json` anew with what the drop's record says now; errors are those already in it unless given. */
export async function writeSummary(
  objects: ObjectStore,
  drop: Drop,
  errors?: readonly ErrorTally[],
): Promise<void> {
  const key = reportKey(drop, 'summary.json');
  const named = errors ?? JSON.parse(await objects.text(drop.bucket, key))['most_frequent_errors'];
  const text = json({ ...statusOf(drop), most_frequent_errors: named });
  await objects.put(drop.bucket, key, text, 'application/json');
}

/** The summary of a drop that was not read. */
export const refusalSummary = (drop: Drop, problem: DropProblem): string =>
  json({ ...statusOf({ ...drop, state: 'REFUSED', problem }), most_frequent_errors: [] });

/** What an operator is told of a drop, whatever its state: how far it has come, and what became of its rows; times in UTC, ISO 8601. */
export function statusOf(drop: Drop): Record<string, unknown> {
  const time = (epochMs: number | undefined) =>
    epochMs === undefined ? null : new Date(epochMs).toISOString();
  const { rows, accepted, already_imported, in_progress, duplicate, invalid } = drop;
  const { processed, errored, other } = drop;
  return {
    drop: drop.id,
    import_supplier: drop.import_supplier,
    key: drop.key,
    version: drop.version,
    size_bytes: drop.size_bytes,
    state: drop.state,
    problem: drop.problem ?? null,
    // Of a stream nobody knows how many there are before its end is found.
    parts: { read: drop.parts_done?.size ?? 0, of: drop.parts_total ?? null },
    rows: { read: rows, accepted, already_imported, in_progress, duplicate, invalid },
    imports: { processed, errored, other, open: accepted - processed - errored - other },
    times: {
      dropped: time(drop.dropped_at),
      planned: time(drop.created_at),
      read: time(drop.read_at),
      ended: time(drop.ended_at),
    },
  };
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
