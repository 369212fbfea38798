import {
  type Drop,
  type FinalStateCounts,
  isDropFinal,
  noRows,
  type PartProgress,
  type RowCounts,
} from './drop.ts';
import { kindOf } from './formats/drop-kind.ts';
import { addErrors, ErrorTallies, type ErrorTally } from './reporting/tally.ts';

/** How far a drop is. Rates are averages since it was planned. */
export type LiveStatus = {
  /** Bytes of the file that were read. `of` is undefined for a compressed file until it is read, because `read` counts unpacked bytes. */
  bytes: { read: number; of: number | undefined };
  rows: RowCounts;
  rowsPerSecond: number | undefined;
  imports: FinalStateCounts & { open: number };
  /** Seconds until all rows are read, or then until the last import has ended. Undefined if it cannot be estimated. */
  secondsLeft: number | undefined;
  /** The most frequent errors so far; undefined after the file was read, when the report has them. */
  errors: readonly Omit<ErrorTally, 'general'>[] | undefined;
};

/** Maximum number of errors in a drop's status. */
const ERRORS_MAX = 10;

const IMPORT_COUNTS = [
  'processed',
  'errored',
  'dry_run_succeeded',
  'dry_run_errored',
  'cancelled',
  'erased',
] as const satisfies readonly (keyof FinalStateCounts)[];

/**
 * Returns how many of a drop's accepted imports have each final status.
 *
 * @param accepted the number of imports
 * @param live what workers counted (live-counts.ts). The imports of followed parts are in the drop's own counts, too, so the larger one counts;
 *   together they are at most `accepted`.
 */
export function importsByFinalState(
  drop: Drop,
  accepted: number = drop.accepted,
  live?: FinalStateCounts,
): LiveStatus['imports'] {
  const counts = {} as FinalStateCounts;
  let open = accepted - drop.other;
  for (const name of IMPORT_COUNTS) {
    counts[name] = drop[name];
    open -= drop[name];
  }
  if (live !== undefined && !isDropFinal(drop)) {
    for (const name of IMPORT_COUNTS) {
      const more = Math.max(0, Math.min(live[name] - drop[name], open));
      counts[name] += more;
      open -= more;
    }
  }
  return { ...counts, open };
}

/** Whether a drop's rows are still being read: only then its parts' progress says more than its record. */
export const isBeingRead = ({ state, read_at }: Drop): boolean =>
  state === 'READING' && read_at === undefined;

/**
 * Computes a drop's status from its record, the progress of its parts, and the imports that workers counted.
 *
 * @param now epoch ms
 */
export function liveStatus(
  drop: Drop,
  progress: readonly PartProgress[],
  live: FinalStateCounts,
  now: number,
): LiveStatus {
  const isReading = isBeingRead(drop);
  const rows = isReading ? rowsSoFar(drop, progress) : rowsOf(drop);
  const imports = importsByFinalState(drop, rows.accepted, live);
  const bytes = isReading ? bytesSoFar(drop, progress) : { read: drop.size_bytes, of: drop.size_bytes };
  const seconds =
    Math.max(0, (isReading ? now : (drop.read_at ?? drop.ended_at ?? now)) - drop.created_at) / 1000;
  const rowsPerSecond = seconds > 0 && rows.rows > 0 ? rows.rows / seconds : undefined;
  return {
    bytes,
    rows,
    rowsPerSecond,
    imports,
    secondsLeft: isDropFinal(drop) ? undefined : secondsLeft(drop, { bytes, imports }, isReading, now),
    errors: isReading ? errorsSoFar(progress) : undefined,
  };
}

function secondsLeft(
  drop: Drop,
  { bytes, imports }: Pick<LiveStatus, 'bytes' | 'imports'>,
  isReading: boolean,
  now: number,
): number | undefined {
  const seconds = (now - drop.created_at) / 1000;
  const [done, all] = isReading ? [bytes.read, bytes.of] : [drop.accepted - imports.open, drop.accepted];
  if (all === undefined || done === 0 || seconds <= 0) return undefined;
  return ((all - done) * seconds) / done;
}

const rowsOf = ({
  rows,
  accepted,
  already_imported,
  in_progress,
  duplicate,
  invalid,
}: RowCounts): RowCounts => ({
  rows,
  accepted,
  already_imported,
  in_progress,
  duplicate,
  invalid,
});

/** The drop's counts and its parts' progress are written at different times. The larger one is the later one. */
function rowsSoFar(drop: Drop, progress: readonly PartProgress[]): RowCounts {
  const sums = noRows();
  const names = Object.keys(sums) as (keyof RowCounts)[];
  for (const { counts } of progress) for (const name of names) sums[name] += counts[name];
  return Object.fromEntries(names.map((name) => [name, Math.max(sums[name], drop[name])])) as RowCounts;
}

function bytesSoFar({ key, size_bytes }: Drop, progress: readonly PartProgress[]): LiveStatus['bytes'] {
  const read = progress.reduce((sum, { bytes }) => sum + bytes, 0);
  return kindOf(key)?.gzip ? { read, of: undefined } : { read: Math.min(read, size_bytes), of: size_bytes };
}

function errorsSoFar(progress: readonly PartProgress[]): LiveStatus['errors'] {
  const errors = new ErrorTallies();
  let next = 0;
  let before: number | undefined = 0;
  for (const { part, errors: ofPart, lines, lines_before } of progress) {
    // The lines before a byte range are known if all ranges before it were read.
    const known: number | undefined = lines_before ?? (part === next ? before : undefined);
    const tallies = ofPart.map(({ suggestions, ...tally }) => ({
      ...tally,
      ...(suggestions && { suggestions }),
    }));
    addErrors(errors, tallies, known);
    before = known === undefined || lines === undefined ? undefined : known + lines;
    next = part + 1;
  }
  return errors.mostFrequent(ERRORS_MAX);
}
