import { createHash } from 'node:crypto';
import * as v from 'valibot';

/** The folder of the bucket that files are dropped into, and the one that reports are written to. */
export const DROPS_PREFIX = 'drops/';
export const REPORTS_PREFIX = 'reports/';
/** What readers leave for the report's writer: goes by itself, by the bucket's lifecycle. */
export const PARTS_PREFIX = 'parts/';

/** A file that was dropped: one upload to one key. The same file dropped again is another drop. */
export const DropSource = v.object({
  bucket: v.string(),
  key: v.string(),
  /** The object's ETag, without its quotes: the content that is read, and no other. */
  etag: v.string(),
  /** When it was uploaded, and its ETag: `20251007T090021Z-<etag>`. However often S3 tells of an upload, it is the same. */
  version: v.string(),
  /** The same moment in epoch milliseconds, to the second. */
  dropped_at: v.number(),
});
export type DropSource = v.InferOutput<typeof DropSource>;

/** How far a drop has come. */
export const DropState = v.picklist([
  /** It is cut into parts, which are read. */
  'READING',
  /** Every row was submitted or reported; its imports are being worked on. */
  'IMPORTING',
  /** Every accepted import has ended. */
  'ENDED',
  /** As ENDED, but some of it could not be read, or is not in its report: `problem` says what. */
  'FAILED',
  /** It was not read at all: `problem` says why. */
  'REFUSED',
]);
export type DropState = v.InferOutput<typeof DropState>;

/** What became of a drop's rows. Blank lines are lines, but no rows. */
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

/** How the accepted rows' imports ended. */
export const FinalStateCounts = v.object({
  processed: count,
  errored: count,
  dry_run_succeeded: count,
  dry_run_errored: count,
  cancelled: count,
  /** Their data was erased on request while the drop was followed. */
  erased: count,
});
export type FinalStateCounts = v.InferOutput<typeof FinalStateCounts>;
export const noFinalStates = (): FinalStateCounts => v.parse(FinalStateCounts, {});

/** Why a drop was refused, or could not be read to its end. */
export const DropProblem = v.object({ code: v.string(), detail: v.string() });
export type DropProblem = v.InferOutput<typeof DropProblem>;

/** A drop as the `drops` table keeps it. Times are epoch milliseconds. */
export const Drop = v.object({
  id: v.string(),
  ...DropSource.entries,
  import_supplier: v.string(),
  size_bytes: v.number(),
  /** Takes a CSV file's unknown columns, as its import supplier's registry entry said when it was planned. */
  ignores_unknown_columns: v.optional(v.boolean()),
  state: DropState,
  /** Size of the ranges that it is read in; absent where it is read as one stream. */
  range_bytes: v.optional(v.number()),
  /** Parts that it is read in; absent while a stream's end has not been found. */
  parts_total: v.optional(v.number()),
  parts_done: v.optional(v.instance(Set<number>)),
  parts_followed: v.optional(v.instance(Set<number>)),
  ...RowCounts.entries,
  ...FinalStateCounts.entries,
  /** Written by earlier versions, which counted successful dry runs and cancelled imports together. */
  other: count,
  problem: v.optional(DropProblem),
  created_at: v.number(),
  modified_at: v.number(),
  read_at: v.optional(v.number()),
  ended_at: v.optional(v.number()),
});
export type Drop = v.InferOutput<typeof Drop>;

/** A part that was read: exactly one run's result counts. */
export const DropPart = v.object({
  part: v.number(),
  /** The run whose objects in `parts/` are this part's; absent where there are none: nothing of it was read. */
  run: v.optional(v.string()),
  /** Lines that begin in it; absent where that is not known, and so no line after it either. */
  lines: v.optional(v.number()),
  counts: RowCounts,
  /** Rows of it have fields that were ignored: an object in `parts/` counts them. */
  has_ignored_fields: v.optional(v.boolean()),
  /** Why it was not read, or not to its end. */
  problem: v.optional(DropProblem),
  /** Where a stream goes on after this part; absent after its last, and in files that are cut into ranges. */
  next: v.optional(v.object({ offset: v.number(), line: v.number() })),
});
export type DropPart = v.InferOutput<typeof DropPart>;

/** How the imports ended that a part accepted: exactly one run's count is kept. */
export const FollowedPart = v.object({
  part: v.number(),
  /** The run whose object in `parts/` lists the imports that errored; absent where none did. */
  run: v.optional(v.string()),
  endings: FinalStateCounts,
  /** Why its imports were not followed to their ends. */
  problem: v.optional(DropProblem),
});
export type FollowedPart = v.InferOutput<typeof FollowedPart>;

/** What a key in `drops/` says: whose drop, and its name (the rest of the path). Undefined: it is none. */
export function parseDropKey(key: string): { importSupplier: string; name: string } | undefined {
  const [, importSupplier, name] = /^drops\/([^/]+)\/(.+)$/s.exec(key) ?? [];
  return importSupplier === undefined ? undefined : { importSupplier, name: name! };
}

/** A drop's source as its upload made it; `uploaded` has seconds, as S3's times have. */
export function dropSource(bucket: string, key: string, etag: string, uploaded: Date): DropSource {
  const time = `${uploaded.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  return { bucket, key, etag, version: `${time}-${etag}`, dropped_at: uploaded.getTime() };
}

/** A drop's identity: short, since each of its rows' records remembers it. */
export function dropId({ bucket, key, version }: Pick<DropSource, 'bucket' | 'key' | 'version'>): string {
  return createHash('sha256')
    .update(JSON.stringify([bucket, key, version]))
    .digest('base64url')
    .slice(0, 16);
}

/** Longest key that S3 takes, in bytes of UTF-8 (source: S3 User Guide, "Naming Amazon S3 objects"). */
const KEY_BYTES_MAX = 1024;
/** What is kept of a key's name where it is too long for its report. */
const NAME_BYTES_KEPT = 600;

/**
 * Where a drop's report stands: `reports/<supplier>/<name>/<version>/<file>`. Where that would be longer than a key may be, the name is
 * its first 600 bytes, `~`, and 16 characters of its hash; the summary has the whole key.
 */
export function reportKey({ key, version }: Pick<DropSource, 'key' | 'version'>, file: ReportFile): string {
  const name = key.slice(DROPS_PREFIX.length);
  const folder = (name: string) => `${REPORTS_PREFIX}${name}/${version}/`;
  // All files of a report are in one folder, whichever of their names is short enough.
  const isTooLong = Buffer.byteLength(folder(name)) + REPORT_FILE_BYTES_MAX > KEY_BYTES_MAX;
  return folder(isTooLong ? shortened(name) : name) + file;
}

type ReportFile = 'summary.json' | 'failed.ndjson' | 'already_imported.ndjson';
const REPORT_FILE_BYTES_MAX = 'already_imported.ndjson'.length;

function shortened(name: string): string {
  const hash = createHash('sha256').update(name).digest('base64url').slice(0, 16);
  // As in a stream, a character that is cut in two is left out.
  const start = new TextDecoder().decode(Buffer.from(name).subarray(0, NAME_BYTES_KEPT), { stream: true });
  return `${start}~${hash}`;
}
