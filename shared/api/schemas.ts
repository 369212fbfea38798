import * as v from 'valibot';
import { listOf, nested } from '../contract/nested.ts';
import { Account, SupplyPoint, supplyPointImport } from '../contract/supply-point-import.ts';
import { taskParameters } from '../contract/task-parameters.ts';
import { EVENT_NAMES } from '../imports/model/history.ts';
import { IMPORT_STATUSES, ImportError, ImportStatus as Status } from '../imports/model/import-process.ts';
import { Role } from '../suppliers/tokens.ts';
import { ADMIN_SCHEMAS } from './admin-schemas.ts';
import { DROP_SCHEMAS } from './drop-schemas.ts';
import { Count, described, NextCursor, Time } from './schema-parts.ts';

/**
 * The schemas of the bodies that the API takes and returns, by their names in the OpenAPI document. The operations' table names them. Functions import only
 * their types.
 */

/** The list of suppliers depends on the token, so the schema takes any code. */
const anySupplier = { has: () => true };
const payload = supplyPointImport(anySupplier);

export const ValidateRequest = nested({ payload });
export const CreateRequest = nested({ payload, task_params: v.optional(taskParameters('UTC'), {}) });
export const ValidatedPayload = payload;

export const StatusBody = v.strictObject({
  status: Status,
  kraken_identifier: described(
    v.nullable(v.string()),
    'The identifier of the created supply point; null until PROCESSED.',
  ),
  created_at: Time,
  modified_at: Time,
  latest_error: described(v.nullable(ImportError), 'Why the import failed; null if it did not.'),
});
export type StatusBody = v.InferOutput<typeof StatusBody>;

export const ListedImport = v.strictObject({ external_identifier: v.string(), ...StatusBody.entries });
export type ListedImport = v.InferOutput<typeof ListedImport>;

export const ListBody = v.strictObject({ results: v.array(ListedImport), next_cursor: NextCursor });
export type ListBody = v.InferOutput<typeof ListBody>;

export const HistoryEventBody = v.strictObject({
  at: Time,
  event: v.picklist(EVENT_NAMES),
  attempt: v.pipe(v.number(), v.integer(), v.minValue(1)),
  status: described(v.nullable(Status), 'The status after the event; null if the history no longer has it.'),
  error: v.nullable(ImportError),
});

export type HistoryEventBody = v.InferOutput<typeof HistoryEventBody>;

export const HistoryBody = v.object({
  is_dry_run: described(v.boolean(), 'Whether the present attempt is a dry run.'),
  schedule_window_start: described(Time, 'From when on the present attempt may start.'),
  schedule_window_end: described(Time, 'When the window ends, exclusive.'),
  drops: described(
    v.array(
      v.strictObject({
        drop: v.string(),
        name: described(
          v.nullable(v.string()),
          'The file’s name; null when the record of the drop has expired.',
        ),
        line: described(v.nullable(Count), 'The line in the file; null until all lines before it were read.'),
        offset: described(Count, 'The byte offset in the unpacked file.'),
      }),
    ),
    'The latest rows of dropped files that were submitted to the import, oldest first.',
  ),
  results: described(v.array(HistoryEventBody), 'The events, oldest first.'),
});
export type HistoryBody = v.InferOutput<typeof HistoryBody>;

export const CountsBody = v.strictObject({
  statuses: described(
    v.strictObject(
      Object.fromEntries(IMPORT_STATUSES.map((status) => [status, Count])) as Record<
        v.InferOutput<typeof Status>,
        typeof Count
      >,
    ),
    'Imports by status. Beyond 500 open imports, IN_PROGRESS counts only those among the 500 earliest.',
  ),
  is_exact: described(
    v.boolean(),
    'False while imports are open, or while a large supplier is counted for the first time.',
  ),
  oldest_open_since: described(
    v.nullable(Time),
    'Since when the oldest import that may start is PENDING or IN_PROGRESS; null if there is none.',
  ),
  counted_at: Time,
});
export type CountsBody = v.InferOutput<typeof CountsBody>;

export const CreatedBody = v.object({
  kraken_identifier: v.string(),
  attempt: v.pipe(v.number(), v.integer(), v.minValue(1)),
  created_at: Time,
  import_supplier: v.string(),
  supply_point: SupplyPoint,
  accounts: listOf(Account),
});

export const RedrivenBody = v.strictObject({
  redriven: described(Count, 'Imports that were retried.'),
  remaining: described(v.boolean(), 'Whether there are more; repeat the request.'),
});
export const ErasedBody = v.strictObject({
  erased: v.strictObject({ imports: Count, supply_points: Count }),
});
export const HealthBody = v.strictObject({ status: v.literal('ok') });
export const EmptyBody = v.strictObject({});

/** Errors by the fields' names; in a list, by the item's index. The leaves are lists of messages, or `detail` and `code`. */
export const ErrorsBody = described(
  v.record(v.string(), v.unknown()),
  'Errors under the names of the fields, and in a list under the index of the item. A leaf is a list of messages, or an object with `detail` and `code`. `non_field_errors` is about several fields.',
);
export const ErrorBody = v.object({ detail: v.string(), code: v.string() });
export const ConflictBody = v.strictObject({ detail: v.string(), code: v.string(), status: Status });

export const MeBody = v.strictObject({
  role: Role,
  is_administrator: described(
    v.boolean(),
    'Whether it may administer suppliers and tokens: an operator of every supplier may.',
  ),
  token: described(
    v.nullable(v.strictObject({ name: v.string(), expires_at: v.nullable(Time) })),
    'The token’s name and expiry; null for at most an hour after an update of the service.',
  ),
  suppliers: v.array(v.strictObject({ code: v.string(), migration: v.picklist(['open', 'closed']) })),
  environment: v.strictObject({ name: v.string(), time_zone: v.string(), scenarios_allowed: v.boolean() }),
  limits: v.strictObject({
    request_body_bytes: described(Count, 'Maximum size of a request body.'),
    requests_per_second: described(Count, 'Rate limit of each method of each path.'),
    burst_requests: described(Count, 'Burst limit of each method of each path.'),
    schedule_window_days: described(Count, 'How far ahead a schedule window may end.'),
    page_size: described(Count, 'Maximum `page_size` of a list.'),
    imports_per_redrive: described(Count, 'Maximum number of imports that one redrive retries.'),
    drop_ndjson_file_bytes: described(Count, 'Maximum size of a dropped NDJSON file.'),
    drop_other_file_bytes: described(Count, 'Maximum size of any other dropped file, as it is uploaded.'),
    drop_row_bytes: described(Count, 'Maximum size of a row of a dropped file.'),
  }),
});
export type MeBody = v.InferOutput<typeof MeBody>;
export const OpenApiBody = v.object({ openapi: v.string() });

/** All of them. */
export const SCHEMAS = {
  ValidateRequest,
  CreateRequest,
  ValidatedPayload,
  StatusBody,
  ListBody,
  HistoryBody,
  CountsBody,
  CreatedBody,
  RedrivenBody,
  ErasedBody,
  HealthBody,
  EmptyBody,
  ErrorsBody,
  ErrorBody,
  ConflictBody,
  MeBody,
  OpenApiBody,
  ...DROP_SCHEMAS,
  ...ADMIN_SCHEMAS,
} as const satisfies Readonly<Record<string, v.GenericSchema>>;
export type SchemaName = keyof typeof SCHEMAS;
