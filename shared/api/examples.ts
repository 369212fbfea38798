import guideExample from '../../examples/guide-example.json' with { type: 'json' };
import { validateRequest } from '../contract/request.ts';
import { adminExamples } from './admin-examples.ts';
import { BODY_BYTES_MAX } from './errors.ts';
import type { SchemaName } from './schemas.ts';

const SUPPLIERS = new Map([['TEST_SUPPLIER', 'open' as const]]);

/** The validate endpoint's answer to the guide's example. @throws Error if the example is invalid */
function validatedExample(): unknown {
  const result = validateRequest(guideExample, SUPPLIERS);
  if (!result.valid) throw new Error('The guide’s example is invalid.');
  return result.data;
}

function errorsExample(): unknown {
  const supply_point = { identifier: '123' };
  const result = validateRequest({ payload: { import_supplier: 'NOBODY', supply_point } }, SUPPLIERS);
  return result.valid ? undefined : result.errors;
}

const IDENTIFIER = '4001248530';
const KRAKEN_IDENTIFIER = '5ffa0a1e-63f8-539f-aeb6-30caaf639663';
const SUBMITTED = '2026-11-24T08:11:18.199000+11:00';
const ENDED = '2026-11-24T08:11:18.241000+11:00';
const STATUS = {
  status: 'PROCESSED',
  kraken_identifier: KRAKEN_IDENTIFIER,
  created_at: SUBMITTED,
  modified_at: ENDED,
  latest_error: null,
};

const DROP = {
  drop: 'qL0mJ2xVYc3tRk8a',
  name: 'thousand.ndjson',
  size_bytes: 1_234_567,
  state: 'ENDED',
  problem: null,
  dropped_at: SUBMITTED,
  planned_at: SUBMITTED,
  read_at: ENDED,
  ended_at: ENDED,
  cancel_requested_at: null,
  parts: { read: 1, of: 1 },
  rows: { read: 1000, accepted: 980, already_imported: 0, in_progress: 0, duplicate: 0, invalid: 20 },
  imports: {
    processed: 980,
    errored: 0,
    dry_run_succeeded: 0,
    dry_run_errored: 0,
    cancelled: 0,
    erased: 0,
    open: 0,
  },
};

/** Returns an example of each body. People and identifiers are invented. */
export function examples(): Readonly<Partial<Record<SchemaName, unknown>>> {
  const validated = validatedExample();
  const event = { attempt: 1, error: null };
  return {
    ValidateRequest: guideExample,
    CreateRequest: guideExample,
    ValidatedPayload: validated,
    EmptyBody: {},
    StatusBody: STATUS,
    ListBody: { results: [{ external_identifier: IDENTIFIER, ...STATUS }], next_cursor: null },
    CountsBody: {
      statuses: {
        PENDING: 3,
        IN_PROGRESS: 0,
        PROCESSED: 980,
        ERRORED: 17,
        DRY_RUN_SUCCEEDED: 0,
        DRY_RUN_ERRORED: 0,
        CANCELLED: 0,
      },
      is_exact: false,
      oldest_open_since: SUBMITTED,
      counted_at: ENDED,
    },
    ActivityBody: {
      from: '2026-11-24T07:12:00.000000+11:00',
      to: '2026-11-24T08:12:00.000000+11:00',
      step_seconds: 60,
      results: [
        {
          at: '2026-11-24T08:11:00.000000+11:00',
          processed: 963,
          errored: 17,
          dry_run_succeeded: 0,
          dry_run_errored: 0,
          cancelled: 0,
        },
      ],
      is_complete: true,
    },
    HistoryBody: {
      is_dry_run: false,
      drops: [],
      schedule_window_start: SUBMITTED,
      schedule_window_end: '2026-11-28T08:11:18.199000+11:00',
      results: [
        { at: SUBMITTED, event: 'submitted', status: 'PENDING', ...event },
        { at: '2026-11-24T08:11:18.220000+11:00', event: 'started', status: 'IN_PROGRESS', ...event },
        { at: ENDED, event: 'ended', status: 'PROCESSED', ...event },
      ],
    },
    CreatedBody: {
      kraken_identifier: KRAKEN_IDENTIFIER,
      attempt: 1,
      created_at: ENDED,
      ...(validated as object),
    },
    RedrivenBody: { redriven: 17, remaining: false },
    ErasedBody: { erased: { imports: 1, supply_points: 1 } },
    HealthBody: { status: 'ok' },
    ErrorsBody: errorsExample(),
    DropBody: DROP,
    DropListBody: { results: [DROP], next_cursor: null },
    DropStatusBody: {
      ...DROP,
      bytes: { read: 1_234_567, of: 1_234_567 },
      rows_per_second: 812.5,
      seconds_left: null,
      most_frequent_errors: [
        {
          error: 'account_roles: This list may not be empty.',
          outcome: 'invalid',
          count: 20,
          lines: [1, 47],
        },
      ],
    },
    UploadRequest: { name: 'thousand.ndjson', bytes: 1_234_567 },
    UploadBody: {
      name: 'thousand.ndjson',
      bytes: 1_234_567,
      content_type: 'application/x-ndjson',
      key: 'drops/TEST_SUPPLIER/thousand.ndjson',
      expires_at: ENDED,
      upload: {
        method: 'PUT',
        url: 'https://drops.s3.ap-southeast-2.amazonaws.com/drops/TEST_SUPPLIER/thousand.ndjson?X-Amz-Signature=…',
        headers: { 'Content-Length': '1234567', 'Content-Type': 'application/x-ndjson' },
      },
      multipart: null,
    },
    FailedRowsBody: {
      results: [
        {
          line: 1,
          offset: 0,
          identifier: '4001000000',
          outcome: 'invalid',
          errors: {
            accounts: { 0: { customers: { 0: { account_roles: ['This list may not be empty.'] } } } },
          },
        },
      ],
      next_cursor: null,
      is_complete: true,
      downloads: { failed_rows: null, corrected_file: null },
    },
    ...adminExamples(),
    MeBody: {
      role: 'importer',
      is_administrator: false,
      token: { name: 'pipeline', expires_at: '2027-06-30T00:00:00.000000+10:00' },
      suppliers: [{ code: 'TEST_SUPPLIER', migration: 'open' }],
      environment: { name: 'dev', time_zone: 'Australia/Sydney', scenarios_allowed: true },
      limits: {
        request_body_bytes: BODY_BYTES_MAX,
        requests_per_second: 100,
        burst_requests: 200,
        schedule_window_days: 4,
        page_size: 100,
        imports_per_redrive: 200,
        drop_ndjson_file_bytes: 107_374_182_400,
        drop_other_file_bytes: 5_368_709_120,
        drop_row_bytes: 262_144,
      },
    },
  };
}
