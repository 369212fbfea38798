import * as v from 'valibot';
import { Count, described, NextCursor, Time } from './schema-parts.ts';

/** The schemas of the bodies of drops, by their names in the OpenAPI document. */

const Problem = v.strictObject({ code: v.string(), detail: v.string() });

const dropEntries = {
  drop: described(v.string(), 'The id of the drop: one upload of one file.'),
  name: described(v.string(), 'The file’s name.'),
  size_bytes: Count,
  state: described(
    v.picklist(['READING', 'IMPORTING', 'CANCELLING', 'ENDED', 'FAILED', 'REFUSED', 'CANCELLED']),
    'READING: rows are read. IMPORTING: all rows were read, and imports are in progress. CANCELLING: it was cancelled, and imports are still ending. The others are final.',
  ),
  problem: described(v.nullable(Problem), 'Why the file was refused, or not read to its end.'),
  dropped_at: Time,
  planned_at: Time,
  read_at: v.nullable(Time),
  ended_at: v.nullable(Time),
  cancel_requested_at: v.nullable(Time),
  parts: described(
    v.strictObject({ read: Count, of: v.nullable(Count) }),
    'Parts of the file. `of` is null until the end of a file that is read as a stream.',
  ),
  rows: described(
    v.strictObject({
      read: Count,
      accepted: Count,
      already_imported: Count,
      in_progress: Count,
      duplicate: Count,
      invalid: Count,
    }),
    'Rows by outcome.',
  ),
  imports: described(
    v.strictObject({
      processed: Count,
      errored: Count,
      dry_run_succeeded: Count,
      dry_run_errored: Count,
      cancelled: Count,
      erased: Count,
      open: Count,
    }),
    'The imports of accepted rows by outcome.',
  ),
};
const DropBody = v.strictObject(dropEntries);
const DropListBody = v.strictObject({ results: v.array(DropBody), next_cursor: NextCursor });

const Suggestion = v.strictObject({ code: v.string(), name: v.string() });
const DropStatusBody = v.strictObject({
  ...dropEntries,
  bytes: described(
    v.strictObject({ read: Count, of: v.nullable(Count) }),
    'Bytes that were read. `of` is null while a compressed file is read.',
  ),
  rows_per_second: described(v.nullable(v.number()), 'The average since the drop was planned.'),
  seconds_left: described(
    v.nullable(v.number()),
    'An estimate of the time until all rows are read, or then until the last import has ended.',
  ),
  most_frequent_errors: v.array(
    v.strictObject({
      error: v.string(),
      outcome: v.optional(v.string()),
      detail: v.optional(v.string()),
      count: Count,
      lines: described(v.array(Count), 'The first lines with it.'),
      suggestions: v.optional(v.array(Suggestion)),
    }),
  ),
});

const ActivityBody = v.strictObject({
  from: Time,
  to: described(Time, 'Exclusive.'),
  step_seconds: Count,
  results: described(
    v.array(
      v.strictObject({
        at: described(Time, 'The start of the step.'),
        rows_read: described(
          v.optional(Count),
          'Only with `drop`: the rows that were read. They count when their part was read.',
        ),
        processed: Count,
        errored: Count,
        dry_run_succeeded: Count,
        dry_run_errored: Count,
        cancelled: Count,
      }),
    ),
    'The steps in which something happened, oldest first.',
  ),
  is_complete: described(v.boolean(), 'False while a large supplier is read for the first time: ask again.'),
});
export type ActivityBody = v.InferOutput<typeof ActivityBody>;

const Download = v.nullable(
  v.strictObject({ name: v.string(), url: described(v.string(), 'A presigned URL.'), expires_at: Time }),
);
const FailedRowsBody = v.strictObject({
  results: v.array(
    v.strictObject({
      line: v.nullable(Count),
      offset: v.nullable(Count),
      identifier: v.optional(v.string()),
      outcome: v.picklist(['invalid', 'duplicate', 'in_progress', 'errored', 'dry_run_errored']),
      errors: described(v.unknown(), 'The errors without personal data.'),
      suggestions: v.optional(v.record(v.string(), v.array(Suggestion))),
    }),
  ),
  next_cursor: NextCursor,
  is_complete: described(v.boolean(), 'Whether no row will be added.'),
  downloads: v.strictObject({ failed_rows: Download, corrected_file: Download }),
});

const UploadRequest = v.object({
  name: described(
    v.pipe(v.string(), v.examples(['thousand.ndjson'])),
    'At most 200 bytes; ends in .ndjson, .jsonl, .json, .csv or .tsv, or in one of these and .gz.',
  ),
  bytes: described(v.pipe(v.number(), v.integer(), v.minValue(1)), 'The exact size of the file.'),
  content_type: described(
    v.optional(v.string()),
    'The media type with which it is uploaded. Default: by the name.',
  ),
});
const requestEntries = {
  method: v.picklist(['PUT', 'POST', 'DELETE']),
  url: v.string(),
  headers: described(v.record(v.string(), v.string()), 'Headers to send unchanged.'),
};
const PresignedRequest = v.strictObject(requestEntries);
const UploadBody = v.strictObject({
  name: v.string(),
  bytes: Count,
  content_type: v.string(),
  key: described(v.string(), 'The key of the object in the bucket.'),
  expires_at: Time,
  upload: described(
    v.nullable(PresignedRequest),
    'The request that uploads the file; null if it is uploaded in parts.',
  ),
  multipart: described(
    v.nullable(
      v.strictObject({
        parts: v.array(v.strictObject({ number: Count, bytes: Count, ...requestEntries })),
        complete: PresignedRequest,
        abort: PresignedRequest,
      }),
    ),
    'The requests of an upload in parts, of S3’s API: each part’s answer has an ETag, which the body of `complete` lists.',
  ),
});

const DropConflictBody = v.strictObject({ detail: v.string(), code: v.string(), state: v.string() });

export const DROP_SCHEMAS = {
  DropBody,
  DropListBody,
  DropStatusBody,
  ActivityBody,
  FailedRowsBody,
  UploadRequest,
  UploadBody,
  DropConflictBody,
};
