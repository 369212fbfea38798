import type { StoredSupplyPoint } from '../supply-points/store.ts';
import { unpackPayload } from './model/packed-payload.ts';
import { isoTime } from './status-body.ts';

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
