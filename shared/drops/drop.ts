import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { FinalStatus } from '../imports/model/history.ts';

/** Prefixes of the bucket: dropped files, and reports. */
export const DROPS_PREFIX = 'drops/';
export const REPORTS_PREFIX = 'reports/';
/** Prefix of the intermediate results from which reports are written. The bucket's lifecycle rule deletes them. */
export const PARTS_PREFIX = 'parts/';

/** A dropped file: one upload to one key. Uploading the same file again makes another drop. */
export const DropSource = v.object({
  bucket: v.string(),
  key: v.string(),
  /** The object's ETag without quotes. Only content with this ETag is read. */
  etag: v.string(),
  /** The upload time and the ETag: `20251007T090021Z-<etag>`. Repeated notifications of an upload have the same version. */
  version: v.string(),
  /** The upload time in epoch milliseconds; S3 gives whole seconds. */
  dropped_at: v.number(),
});
export type DropSource = v.InferOutput<typeof DropSource>;

/** The state of a drop. */
export const DropState = v.picklist([
  /** Its parts are being read. */
  'READING',
  /** All rows were submitted or rejected; the accepted imports are in progress. */
  'IMPORTING',
  /** All accepted imports have a final status. */
  'ENDED',
  /** As ENDED, but part of the file could not be read, or the report is incomplete; `problem` has the reason. */
  'FAILED',
  /** The file was not read; `problem` has the reason. */
  'REFUSED',
  /** It was cancelled: no more rows are read, its pending imports are cancelled, and all others have a final status. */
  'CANCELLED',
]);
export type DropState = v.InferOutput<typeof DropState>;

/** Counts of rows by outcome. Blank lines count as lines, but not as rows. */
export const RowCounts = v.object({
  rows: v.number(),
  accepted: v.number(),
  already_imported: v.number(),
  in_progress: v.number(),
  duplicate: v.number(),
  invalid: v.number(),
});
export type RowCounts = v.InferOutput<typeof RowCounts>;
export const noRows = (): RowCounts => ({
  rows: 0,
  accepted: 0,
  already_imported: 0,
  in_progress: 0,
  duplicate: 0,
  invalid: 0,
});

const count = v.optional(v.number(), 0);

/** Counts of the accepted imports by final state. */
export const FinalStateCounts = v.object({
  processed: count,
  errored: count,
  dry_run_succeeded: count,
  dry_run_errored: count,
  cancelled: count,
  /** Imports whose data was erased on request while the drop was followed. */
  erased: count,
});
export type FinalStateCounts = v.InferOutput<typeof FinalStateCounts>;
export const noFinalStates = (): FinalStateCounts => v.parse(FinalStateCounts, {});

/** Stands for the status of an import whose record was deleted. */
export const ERASED = 'ERASED';

/** The count of imports with a final status. */
export const COUNTED_AS: Readonly<Record<FinalStatus | typeof ERASED, keyof FinalStateCounts>> = {
  PROCESSED: 'processed',
  ERRORED: 'errored',
  DRY_RUN_SUCCEEDED: 'dry_run_succeeded',
  DRY_RUN_ERRORED: 'dry_run_errored',
  CANCELLED: 'cancelled',
  [ERASED]: 'erased',
};

/** The reason why a drop was refused or not read completely. */
export const DropProblem = v.object({ code: v.string(), detail: v.string() });
export type DropProblem = v.InferOutput<typeof DropProblem>;

/** A drop's item in the `drops` table. Times are epoch milliseconds. */
export const Drop = v.object({
  id: v.string(),
  ...DropSource.entries,
  import_supplier: v.string(),
  size_bytes: v.number(),
  /** Whether unknown CSV columns are ignored: the setting of the import supplier's registry entry when the drop was planned. */
  ignores_unknown_columns: v.optional(v.boolean()),
  state: DropState,
  /** Size of the byte ranges; absent if the file is read as one stream. */
  range_bytes: v.optional(v.number()),
  /** Number of parts; absent until the end of a stream is found. */
  parts_total: v.optional(v.number()),
  parts_done: v.optional(v.instance(Set<number>)),
  parts_followed: v.optional(v.instance(Set<number>)),
  ...RowCounts.entries,
  ...FinalStateCounts.entries,
  /** Only in items of earlier versions, which counted successful dry runs and cancelled imports together. */
  other: count,
  problem: v.optional(DropProblem),
  created_at: v.number(),
  modified_at: v.number(),
  read_at: v.optional(v.number()),
  ended_at: v.optional(v.number()),
  /** When somebody cancelled it. Until its state is CANCELLED, parts are being closed and imports being cancelled. */
  cancel_requested_at: v.optional(v.number()),
  /** When its corrected file was written last. Absent if it has none. */
  corrected_at: v.optional(v.number()),
});
export type Drop = v.InferOutput<typeof Drop>;

/** The result of reading a part. Only the first run's result is stored. */
export const DropPart = v.object({
  part: v.number(),
  /** The run that wrote this part's objects in `parts/`; absent if nothing was read. */
  run: v.optional(v.string()),
  /** Number of lines that begin in the part; absent if unknown. Then the line numbers of all later parts are unknown too. */
  lines: v.optional(v.number()),
  counts: RowCounts,
  /** Whether rows have ignored fields; then an object in `parts/` counts them. */
  has_ignored_fields: v.optional(v.boolean()),
  /** The reason why the part was not read, or not completely. */
  problem: v.optional(DropProblem),
  /** Where the next part of a stream begins; absent in the last part and in byte ranges. */
  next: v.optional(v.object({ offset: v.number(), line: v.number() })),
});
export type DropPart = v.InferOutput<typeof DropPart>;

/**
 * How far a part has been read, for people who look while a file is being read. Runs overwrite it every few seconds, and when the part is
 * done. Nothing is decided by it: {@link DropPart} is the result.
 */
export const PartProgress = v.object({
  part: v.number(),
  counts: RowCounts,
  /** Bytes of the part that were read, of the decompressed file. */
  bytes: v.number(),
  /** Lines in the file before the part; absent in byte ranges, where they are known only when all parts before are read. */
  lines_before: v.optional(v.number()),
  /** Number of lines that begin in the part; absent until it is read to its end. */
  lines: v.optional(v.number()),
  /** The most frequent errors, with lines relative to the part. */
  errors: v.array(
    v.object({
      error: v.string(),
      count: v.number(),
      lines: v.array(v.number()),
      suggestions: v.optional(v.array(v.object({ code: v.string(), name: v.string() }))),
    }),
  ),
});
export type PartProgress = v.InferOutput<typeof PartProgress>;

/** Final states of the imports that a part accepted. Only the first run's count is stored. */
export const FollowedPart = v.object({
  part: v.number(),
  /** The run whose object in `parts/` lists the errored imports; absent if none errored. */
  run: v.optional(v.string()),
  endings: FinalStateCounts,
  /** The reason why the imports were not followed to a final status. */
  problem: v.optional(DropProblem),
});
export type FollowedPart = v.InferOutput<typeof FollowedPart>;

/** Whether a drop has reached a final state. */
export const isDropFinal = ({ state }: Pick<Drop, 'state'>): boolean =>
  state !== 'READING' && state !== 'IMPORTING';

/** Parses a key `drops/<import supplier>/<name>`; the name may contain slashes. Returns undefined for any other key. */
export function parseDropKey(key: string): { importSupplier: string; name: string } | undefined {
  const [, importSupplier, name] = /^drops\/([^/]+)\/(.+)$/s.exec(key) ?? [];
  return importSupplier === undefined ? undefined : { importSupplier, name: name! };
}

/** Returns the source for an upload. `uploaded` is the object's Last-Modified time, in whole seconds. */
export function dropSource(bucket: string, key: string, etag: string, uploaded: Date): DropSource {
  const time = `${uploaded.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  return { bucket, key, etag, version: `${time}-${etag}`, dropped_at: uploaded.getTime() };
}

/** The id of a drop. It is short because the record of every row stores it. */
export function dropId({ bucket, key, version }: Pick<DropSource, 'bucket' | 'key' | 'version'>): string {
  return createHash('sha256')
    .update(JSON.stringify([bucket, key, version]))
    .digest('base64url')
    .slice(0, 16);
}

/** Longest key that S3 accepts, in bytes of UTF-8 (source: S3 User Guide, "Naming Amazon S3 objects"). */
const KEY_BYTES_MAX = 1024;
/** Bytes kept of a name that is too long for a report's key. */
const NAME_BYTES_KEPT = 600;

/**
 * Returns the key of a report's file: `reports/<supplier>/<name>/<version>/<file>`. If that exceeds S3's limit, the name is replaced by
 * its first 600 bytes, `~`, and 16 characters of its SHA-256 hash. The summary has the full key.
 */
export function reportKey({ key, version }: Pick<DropSource, 'key' | 'version'>, file: ReportFile): string {
  const name = key.slice(DROPS_PREFIX.length);
  const folder = (name: string) => `${REPORTS_PREFIX}${name}/${version}/`;
  // The longest file name decides, because all files of a report must be in one folder.
  const isTooLong = Buffer.byteLength(folder(name)) + REPORT_FILE_BYTES_MAX > KEY_BYTES_MAX;
  return folder(isTooLong ? shortened(name) : name) + file;
}

export type ReportFile = 'summary.json' | 'failed.ndjson' | 'already_imported.ndjson' | CorrectedFile;
type CorrectedFile = `failed-rows.${string}`;

/** Returns the name of a drop's corrected file, which has the dropped file's endings: `failed-rows.csv.gz`. */
export function correctedFileOf({ key }: Pick<Drop, 'key'>): CorrectedFile {
  return `failed-rows.${/\.([a-z]+(?:\.gz)?)$/i.exec(key)?.[1]?.toLowerCase() ?? ''}`;
}

const REPORT_FILE_BYTES_MAX = 'already_imported.ndjson'.length;

function shortened(name: string): string {
  const hash = createHash('sha256').update(name).digest('base64url').slice(0, 16);
  // `stream` drops a character that is cut in two.
  const start = new TextDecoder().decode(Buffer.from(name).subarray(0, NAME_BYTES_KEPT), { stream: true });
  return `${start}~${hash}`;
}
