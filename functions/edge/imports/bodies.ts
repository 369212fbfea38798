import { type HistoryEvent, historyEvents } from '../../../shared/imports/model/history.ts';
import {
  type ImportError,
  type ImportProcess,
  type ImportStatus,
  importKey,
} from '../../../shared/imports/model/import-process.ts';
import { unpackPayload } from '../../../shared/imports/model/packed-payload.ts';
import { startTimeOf, windowEndOf } from '../../../shared/imports/model/transitions.ts';
import type { ListPage, ListQuery } from '../../../shared/imports/use-cases/list-imports.ts';
import type { StoredSupplyPoint } from '../../../shared/supply-points/store.ts';
import { isoTime } from '../iso-time.ts';
import { writeCursor } from './cursor.ts';

/** The status endpoint's body: exactly these five keys (source: the guide, "status"). */
export type StatusBody = {
  status: ImportStatus;
  kraken_identifier: string | null;
  created_at: string;
  modified_at: string;
  latest_error: ImportError | null;
};

/** Attributes of a record that its status contains. */
type StatusFields = Pick<
  ImportProcess,
  'status' | 'kraken_identifier' | 'created_at' | 'modified_at' | 'latest_error'
>;

/** Returns the status endpoint's body, with times in the given IANA time zone. */
export function statusBody(record: StatusFields, timeZone: string): StatusBody {
  return {
    status: record.status,
    kraken_identifier: record.kraken_identifier ?? null,
    created_at: isoTime(record.created_at, timeZone),
    modified_at: isoTime(record.modified_at, timeZone),
    latest_error: record.latest_error ?? null,
  };
}

/** An import in the list endpoint's body. */
export type ListedImport = { external_identifier: string } & StatusBody;

/** Returns the list endpoint's body: each import's identifier and status, with times in the given IANA time zone. */
export function listBody(
  { records, next }: ListPage,
  { importSupplier, status }: ListQuery,
  timeZone: string,
): { results: ListedImport[]; next_cursor: string | null } {
  const cursor = (after: string) => writeCursor({ supplier: importSupplier, status: status ?? null, after });
  return {
    results: records.map((record) => ({
      external_identifier: importKey(record.id).externalIdentifier,
      ...statusBody(record, timeZone),
    })),
    next_cursor: next === undefined ? null : cursor(next),
  };
}

/** An event in the history endpoint's body. `at` is a time as the API formats it. */
export type HistoryEventBody = Omit<HistoryEvent, 'at'> & { at: string };

/** The history endpoint's body. */
export type HistoryBody = {
  /** Whether the present attempt is a dry run. */
  is_dry_run: boolean;
  /** The requested or default window in which the present attempt may start. The end is exclusive. */
  schedule_window_start: string;
  schedule_window_end: string;
  /** Events, oldest first. */
  results: HistoryEventBody[];
};

/**
 * Returns the parameters of an import's last submission, named as in `task_params`, and its events. The contract defines the
 * status endpoint's keys, so they are here. Times are in the given IANA time zone.
 */
export function historyBody(record: ImportProcess, timeZone: string): HistoryBody {
  return {
    is_dry_run: record.is_dry_run,
    schedule_window_start: isoTime(startTimeOf(record), timeZone),
    schedule_window_end: isoTime(windowEndOf(record), timeZone),
    results: historyEvents(record).map((event) => ({ ...event, at: isoTime(event.at, timeZone) })),
  };
}

/**
 * Returns an import's supply point for an operator: the platform's attributes and the validated data (`import_supplier`,
 * `supply_point`, `accounts` with their customers and outage contact). This is personal data and must never be logged.
 *
 * Times are in the given IANA time zone.
 */
export function createdBody(stored: StoredSupplyPoint, timeZone: string): Record<string, unknown> {
  return {
    kraken_identifier: stored.kraken_identifier,
    attempt: stored.attempt,
    created_at: isoTime(stored.created_at, timeZone),
    ...(unpackPayload(stored.payload) as Record<string, unknown>),
  };
}

/** Returns the body of a 409: the reason, and the status that prevents the action. */
export function conflictBody(action: 'cancelled' | 'retried' | 'erased', { id, status }: ImportProcess) {
  const { externalIdentifier } = importKey(id);
  return {
    detail: `The import process with the supply point identifier ${externalIdentifier} is ${status} and cannot be ${action}.`,
    code: `import_process_cannot_be_${action}`,
    status,
  };
}
