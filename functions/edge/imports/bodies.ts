import { apiErrorBody } from '../../../shared/api/errors.ts';
import type { CountsBody, HistoryBody, ListBody, StatusBody } from '../../../shared/api/schemas.ts';
import type { RowPlace } from '../../../shared/drops/row-places.ts';
import { historyEvents } from '../../../shared/imports/model/history.ts';
import { type ImportProcess, importKey } from '../../../shared/imports/model/import-process.ts';
import { unpackPayload } from '../../../shared/imports/model/packed-payload.ts';
import { startTimeOf, windowEndOf } from '../../../shared/imports/model/transitions.ts';
import type { SupplierCounts } from '../../../shared/imports/use-cases/count-imports.ts';
import type { ListPage, ListQuery } from '../../../shared/imports/use-cases/list-imports.ts';
import type { StoredSupplyPoint } from '../../../shared/supply-points/store.ts';
import { isoTime } from '../iso-time.ts';
import { writeCursor } from './cursor.ts';

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

/** Returns the list endpoint's body: each import's identifier and status, with times in the given IANA time zone. */
export function listBody(
  { records, next }: ListPage,
  { importSupplier, status }: ListQuery,
  timeZone: string,
): ListBody {
  const cursor = (after: string) => writeCursor({ supplier: importSupplier, status: status ?? null, after });
  return {
    results: records.map((record) => ({
      external_identifier: importKey(record.id).externalIdentifier,
      ...statusBody(record, timeZone),
    })),
    next_cursor: next === undefined ? null : cursor(next),
  };
}

/**
 * Returns the parameters of an import's last submission, named as in `task_params`, and its events. The contract defines the
 * status endpoint's keys, so they are here. Times are in the given IANA time zone.
 */
export function historyBody(
  record: ImportProcess,
  places: readonly RowPlace[],
  timeZone: string,
): HistoryBody {
  return {
    is_dry_run: record.is_dry_run,
    schedule_window_start: isoTime(startTimeOf(record), timeZone),
    schedule_window_end: isoTime(windowEndOf(record), timeZone),
    drops: places.map(({ drop, name, line, offset }) => ({
      drop,
      name: name ?? null,
      line: line ?? null,
      offset,
    })),
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
  const { externalIdentifier: identifier } = importKey(id);
  return { ...apiErrorBody('conflict', { action, identifier, status }), status };
}

/** Returns the counts endpoint's body, with the time in the given IANA time zone. */
export const countsBody = (
  { byStatus, isExact, countedAt, oldestOpenSince }: SupplierCounts,
  timeZone: string,
): CountsBody => ({
  statuses: byStatus,
  is_exact: isExact,
  oldest_open_since: oldestOpenSince === undefined ? null : isoTime(oldestOpenSince, timeZone),
  counted_at: isoTime(countedAt, timeZone),
});
