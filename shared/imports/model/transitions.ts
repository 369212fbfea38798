import type { TaskParameters } from '../../contract/task-parameters.ts';
import { extendedHistory } from './history.ts';
import { type ImportKey, type ImportProcess, type ImportStatus, importId } from './import-process.ts';
import { listingOfOpen } from './listing.ts';

/**
 * Allowed status transitions. PENDING may follow itself (a submission replaces the waiting one), and so may IN_PROGRESS (a run
 * takes over after a lease expired). A new submission changes any final status but PROCESSED to PENDING. A retry does the same
 * for ERRORED and DRY_RUN_ERRORED. Only a PENDING import can be cancelled.
 */
export const TRANSITIONS: Readonly<Record<ImportStatus, readonly ImportStatus[]>> = {
  PENDING: ['PENDING', 'IN_PROGRESS', 'ERRORED', 'DRY_RUN_ERRORED', 'CANCELLED'],
  IN_PROGRESS: ['IN_PROGRESS', 'PROCESSED', 'ERRORED', 'DRY_RUN_SUCCEEDED', 'DRY_RUN_ERRORED'],
  PROCESSED: [],
  ERRORED: ['PENDING'],
  DRY_RUN_SUCCEEDED: ['PENDING'],
  DRY_RUN_ERRORED: ['PENDING'],
  CANCELLED: ['PENDING'],
};

/** Days from the submission to the end of the default schedule window (source: the contract, task_params). */
export const SCHEDULE_WINDOW_DAYS_DEFAULT = 4;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Whether only a new submission or a retry can change the status. */
export const isFinal = (status: ImportStatus): boolean => status !== 'PENDING' && status !== 'IN_PROGRESS';

/** Returns when the import may start (epoch ms): at its window's start, or at its submission if that is later. */
export const startTimeOf = (record: Pick<ImportProcess, 'window_start' | 'submitted_at'>): number =>
  Math.max(record.window_start ?? 0, record.submitted_at);

/** Returns when the import's window closes (epoch ms, exclusive). */
export const windowEndOf = (record: Pick<ImportProcess, 'window_end' | 'submitted_at'>): number =>
  record.window_end ?? record.submitted_at + SCHEDULE_WINDOW_DAYS_DEFAULT * DAY_MS;

/** A row of a drop: the drop's short id, and the row's byte offset. */
export type DropRowId = { drop: string; offset: number };
/** A row with its line: in the file, or in its byte range if the drop is read in ranges. */
export type DropRowPlace = DropRowId & { line?: number | undefined };

/** A submission: the packed payload and its task parameters, at a time (epoch ms). */
export type Submission = {
  key: ImportKey;
  payload: Uint8Array<ArrayBuffer>;
  taskParameters: TaskParameters;
  now: number;
  /** Its row in a drop. Absent for submissions to the endpoint. */
  row?: DropRowPlace | undefined;
};

/** Maximum number of drop rows in a record. At most this many drops submit one supply point concurrently. */
export const ROWS_REMEMBERED_MAX = 10;

export type SubmissionDecision =
  | { kind: 'write'; record: ImportProcess; replaces: ImportProcess | undefined }
  | { kind: 'unchanged'; record: ImportProcess }
  | { kind: 'rejected'; because: 'already_imported' | 'in_progress' | 'duplicate' };

/**
 * Decides what a submission does to the existing import process, if there is one. Pure: the store writes the record on the
 * condition that the existing one is unchanged.
 */
export function decideSubmission(
  existing: ImportProcess | undefined,
  submission: Submission,
): SubmissionDecision {
  if (existing === undefined)
    return { kind: 'write', record: pendingRecord(submission, undefined, 's'), replaces: undefined };
  const earlier = submission.row && earlierRow(existing, submission.row);
  if (earlier === 'same') return { kind: 'unchanged', record: existing };
  if (earlier === 'other') return { kind: 'rejected', because: 'duplicate' };
  if (existing.status === 'PROCESSED') return { kind: 'rejected', because: 'already_imported' };
  if (existing.status === 'IN_PROGRESS') return { kind: 'rejected', because: 'in_progress' };
  if (existing.status === 'PENDING' && isSameSubmission(existing, submission)) {
    return { kind: 'unchanged', record: existing };
  }
  const event = existing.status === 'PENDING' ? 'r' : 's';
  return { kind: 'write', record: pendingRecord(submission, existing, event), replaces: existing };
}

/** Whether this row, or another row of its drop, was submitted to the import before. */
function earlierRow(record: ImportProcess, { drop, offset }: DropRowId): 'same' | 'other' | undefined {
  const ofDrop = rowsOf(record).filter((row) => row.drop === drop);
  if (ofDrop.some((row) => row.offset === offset)) return 'same';
  return ofDrop.length > 0 ? 'other' : undefined;
}

/** Whether a row of a drop was submitted to the import. */
export const isSubmittedRow = (record: ImportProcess, row: DropRowId): boolean =>
  earlierRow(record, row) === 'same';

/** Whether a row of a drop was the import's last submission. False after a submission to the endpoint or by another drop. */
export function isLastSubmission(record: ImportProcess, { drop, offset }: DropRowId): boolean {
  return lastDropOf(record) === drop && rowsOf(record).at(-1)?.offset === offset;
}

/** Returns the drop that submitted the import last; undefined if the endpoint did. */
export const lastDropOf = (record: Pick<ImportProcess, 'lane' | 'rows'>): string | undefined =>
  record.lane === 'bulk' ? rowsOf(record).at(-1)?.drop : undefined;

/** Returns the latest rows of drops that were submitted to an import, oldest first. Earlier versions stored no lines. */
export function rowsOf({ rows = [] }: Pick<ImportProcess, 'rows'>): DropRowPlace[] {
  return rows.map((row) => {
    const [drop, offset, line] = row.split(':');
    return { drop: drop!, offset: Number(offset), line: line === undefined ? undefined : Number(line) };
  });
}

/**
 * Returns the PENDING record of a submission, which replaces the existing one. The attempt is a new one if the existing one has
 * a final status. The history continues.
 */
export function pendingRecord(
  { key, payload, taskParameters, now, row }: Submission,
  replaces: ImportProcess | undefined,
  event: 's' | 'r' | 'y',
): ImportProcess {
  const { isDryRun, windowStart, windowEnd } = taskParameters;
  const attempt = replaces === undefined ? 1 : replaces.attempt + (isFinal(replaces.status) ? 1 : 0);
  const lane = row === undefined ? undefined : ('bulk' as const);
  const start = startTimeOf({ submitted_at: now, window_start: windowStart ?? undefined });
  return {
    id: importId(key),
    status: 'PENDING',
    attempt,
    revision: (replaces?.revision ?? 0) + 1,
    created_at: replaces?.created_at ?? now,
    modified_at: now,
    submitted_at: now,
    is_dry_run: isDryRun,
    ...(windowStart === null ? {} : { window_start: windowStart }),
    ...(windowEnd === null ? {} : { window_end: windowEnd }),
    payload,
    ...(lane && { lane }),
    ...rowsRemembered(replaces?.rows, row),
    ...listingOfOpen(key, { start, now, lane }),
    history: extendedHistory(replaces?.history ?? [], event, attempt, now),
  };
}

function rowsRemembered(rows: string[] = [], row: DropRowPlace | undefined): { rows?: string[] } {
  const all = row === undefined ? rows : [...rows, rowText(row)];
  return all.length === 0 ? {} : { rows: all.slice(-ROWS_REMEMBERED_MAX) };
}

const rowText = ({ drop, offset, line }: DropRowPlace): string =>
  [drop, offset, ...(line === undefined ? [] : [line])].join(':');

/**
 * Whether the existing record has the same payload and task parameters. False for a drop's row, because the record must contain
 * the row.
 */
function isSameSubmission(existing: ImportProcess, { payload, taskParameters, row }: Submission): boolean {
  return (
    row === undefined &&
    existing.payload !== undefined &&
    Buffer.compare(existing.payload, payload) === 0 &&
    existing.is_dry_run === taskParameters.isDryRun &&
    (existing.window_start ?? null) === taskParameters.windowStart &&
    (existing.window_end ?? null) === taskParameters.windowEnd
  );
}
