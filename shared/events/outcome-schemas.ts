import { ImportError, type ImportStatus } from '../imports/import-process.ts';

/** What upstream calls its events on the bus (source: the contract, "Events"). */
export const DETAIL_TYPES = {
  PROCESSED: 'data_import.import_process.complete-v1',
  ERRORED: 'data_import.import_process.error-v1',
  DRY_RUN_SUCCEEDED: 'data_import.import_process.dry_run_complete-v1',
  DRY_RUN_ERRORED: 'data_import.import_process.dry_run_error-v1',
  CANCELLED: 'data_import.import_process.cancelled-v1',
} as const;

/** The events' source on the bus: ours, as upstream's is not public. */
export const EVENT_SOURCE = 'supply-point-import';

const text = { type: 'string' };
const time = { type: 'string', format: 'date-time' };
const errorText = {
  type: 'object',
  required: ['code', 'detail', 'domain'],
  properties: { code: text, detail: text, domain: { enum: ImportError.entries.domain.options } },
};
const none = { type: 'null' };

/** The schema of an event's `detail`, for imports that ended with this status. Fields may be added, so others are allowed. */
const detailSchema = (status: ImportStatus) => {
  const properties = {
    id: { ...text, description: 'Stays the same when the event is sent again: the key to drop repeats by.' },
    import_supplier: text,
    external_identifier: text,
    attempt: { type: 'integer', minimum: 1 },
    status: { enum: [status] },
    ended_at: time,
    kraken_identifier: status === 'PROCESSED' ? text : none,
    latest_error: status === 'ERRORED' || status === 'DRY_RUN_ERRORED' ? errorText : none,
  };
  return { type: 'object', required: Object.keys(properties), properties };
};

/**
 * The schemas of the events by detail-type, in JSON Schema draft 4, which EventBridge's registry takes (source: EventBridge, "Schemas"):
 * each describes a whole event as consumers receive it.
 */
export function outcomeEventSchemas(): Record<string, object> {
  return Object.fromEntries(
    Object.entries(DETAIL_TYPES).map(([status, detailType]) => [
      detailType,
      {
        $schema: 'http://json-schema.org/draft-04/schema#',
        title: detailType,
        type: 'object',
        required: ['id', 'source', 'detail-type', 'time', 'detail'],
        properties: {
          id: text,
          source: { enum: [EVENT_SOURCE] },
          'detail-type': { enum: [detailType] },
          time,
          detail: detailSchema(status as ImportStatus),
        },
      },
    ]),
  );
}
