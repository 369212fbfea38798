import type { Download, ReportDownloads } from '../../../shared/drops/download-report.ts';
import { DROPS_PREFIX, type Drop, type FinalStateCounts, isDropFinal } from '../../../shared/drops/drop.ts';
import type { FailedRow, FailedRowsPosition } from '../../../shared/drops/failed-rows.ts';
import { importsByFinalState, type LiveStatus, liveStatus } from '../../../shared/drops/live-status.ts';
import type { DropUpload } from '../../../shared/drops/upload-drop.ts';
import { isoTime } from '../iso-time.ts';
import { failedRowsCursor } from './list-query.ts';
import type { UploadRequest } from './upload-request.ts';

/** A drop in the list's body. Times are as the API formats them. */
export type DropBody = {
  drop: string;
  /** The file's name, without its folder and supplier. */
  name: string;
  size_bytes: number;
  /** A state of a drop, or CANCELLING from a cancellation until the last import has ended. */
  state: Drop['state'] | 'CANCELLING';
  problem: { code: string; detail: string } | null;
  dropped_at: string;
  planned_at: string;
  read_at: string | null;
  ended_at: string | null;
  cancel_requested_at: string | null;
  /** Parts of the file: byte ranges, or pieces of a stream, whose number is unknown until the end of the file. */
  parts: { read: number; of: number | null };
  rows: Record<'read' | 'accepted' | 'already_imported' | 'in_progress' | 'duplicate' | 'invalid', number>;
  imports: Record<
    'processed' | 'errored' | 'dry_run_succeeded' | 'dry_run_errored' | 'cancelled' | 'erased' | 'open',
    number
  >;
};

/** An error in a drop's body. `outcome` and `detail` are set for errors of imports. */
type FrequentError = {
  error: string;
  outcome?: string;
  detail?: string;
  count: number;
  lines: number[];
  suggestions?: readonly { code: string; name: string }[];
};

/** The status endpoint's body. */
export type DropStatusBody = DropBody & {
  bytes: { read: number; of: number | null };
  rows_per_second: number | null;
  seconds_left: number | null;
  most_frequent_errors: readonly FrequentError[];
};

/**
 * Returns a drop's entry in the list, with times in the given IANA time zone. By default its rows and imports are those that its record
 * counts; these are exact once it is final.
 */
export function dropBody(
  drop: Drop,
  timeZone: string,
  { rows, imports }: Pick<LiveStatus, 'rows' | 'imports'> = {
    rows: drop,
    imports: importsByFinalState(drop),
  },
): DropBody {
  const time = (epochMs: number | undefined) => (epochMs === undefined ? null : isoTime(epochMs, timeZone));
  const isCancelling = drop.cancel_requested_at !== undefined && !isDropFinal(drop);
  const { accepted, already_imported, in_progress, duplicate, invalid } = rows;
  return {
    drop: drop.id,
    name: drop.key.slice(DROPS_PREFIX.length + drop.import_supplier.length + 1),
    size_bytes: drop.size_bytes,
    state: isCancelling ? 'CANCELLING' : drop.state,
    problem: drop.problem ?? null,
    dropped_at: isoTime(drop.dropped_at, timeZone),
    planned_at: isoTime(drop.created_at, timeZone),
    read_at: time(drop.read_at),
    ended_at: time(drop.ended_at),
    cancel_requested_at: time(drop.cancel_requested_at),
    parts: { read: drop.parts_done?.size ?? 0, of: drop.parts_total ?? null },
    rows: { read: rows.rows, accepted, already_imported, in_progress, duplicate, invalid },
    imports,
  };
}

/**
 * Returns the status endpoint's body.
 *
 * @param live the imports that workers counted
 * @param reported the errors in the drop's report, if it is written
 * @param at.now epoch ms
 */
export function dropStatusBody(
  drop: Drop,
  progress: Parameters<typeof liveStatus>[1],
  live: FinalStateCounts,
  reported: readonly FrequentError[],
  at: { now: number; timeZone: string },
): DropStatusBody {
  const { bytes, rows, imports, rowsPerSecond, secondsLeft, errors } = liveStatus(
    drop,
    progress,
    live,
    at.now,
  );
  return {
    ...dropBody(drop, at.timeZone, { rows, imports }),
    bytes: { read: bytes.read, of: bytes.of ?? null },
    rows_per_second: rowsPerSecond === undefined ? null : Math.round(rowsPerSecond * 10) / 10,
    seconds_left: secondsLeft === undefined ? null : Math.ceil(secondsLeft),
    most_frequent_errors: errors ?? reported,
  };
}

/** The body of a page of failed rows. `is_complete`: the drop is final, so no row will be added. */
export type FailedRowsBody = {
  results: FailedRow[];
  next_cursor: string | null;
  is_complete: boolean;
  downloads: Record<
    'failed_rows' | 'corrected_file',
    { name: string; url: string; expires_at: string } | null
  >;
};

/** Returns a page of a drop's failed rows, with the links to download them all. */
export function failedRowsBody(
  drop: Drop,
  { rows, next }: { rows: FailedRow[]; next: FailedRowsPosition | undefined },
  { failedRows, correctedFile }: ReportDownloads,
  timeZone: string,
): FailedRowsBody {
  const link = (download: Download | undefined) =>
    download === undefined
      ? null
      : { name: download.name, url: download.url, expires_at: isoTime(download.expiresAt, timeZone) };
  return {
    results: rows,
    next_cursor: next === undefined ? null : failedRowsCursor(drop.id, next),
    is_complete: isDropFinal(drop),
    downloads: { failed_rows: link(failedRows), corrected_file: link(correctedFile) },
  };
}

/** The body of an upload's creation: the presigned requests, of which either `upload` or `multipart` is null. */
export function uploadBody(
  { name, bytes, contentType }: UploadRequest,
  presigned: DropUpload,
  timeZone: string,
): Record<string, unknown> {
  const { key, expiresAt, ...requests } = presigned;
  return {
    name,
    bytes,
    content_type: contentType,
    key,
    expires_at: isoTime(expiresAt, timeZone),
    upload: 'upload' in requests ? requests.upload : null,
    multipart: 'upload' in requests ? null : requests,
  };
}
