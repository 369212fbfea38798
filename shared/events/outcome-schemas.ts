import { ImportError, type ImportStatus } from '../imports/model/import-process.ts';

/** The detail-types of upstream's events, by the status in which an import ended (source: the contract, "Events"). */
export const DETAIL_TYPES = {
  PROCESSED: 'data_import.import_process.complete-v1',
  ERRORED: 'data_import.import_process.error-v1',
  DRY_RUN_SUCCEEDED: 'data_import.import_process.dry_run_complete-v1',
  DRY_RUN_ERRORED: 'data_import.import_process.dry_run_error-v1',
  CANCELLED: 'data_import.import_process.cancelled-v1',
} as const;

/** The events' source on the bus. It is our own name, because upstream's is not public. */
export const EVENT_SOURCE = 'supply-point-import';

const text = { type: 'string' };
const time = { type: 'string', format: 'date-time' };
const errorText = {
  type: 'object',
  required: ['code', 'detail', 'domain'],
  properties: { code: text, detail: text, domain: { enum: ImportError.entries.domain.options } },
};
const none = { type: 'null' };

/** Returns the schema of `detail` for this status. It allows other fields, because later versions may add some. */
const detailSchema = (status: ImportStatus) => {
  const properties = {
    id: {
      ...text,
      description: 'The same when the event is sent again. Consumers drop repeated events by it.',
    },
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
 * Returns the schemas of whole events, as consumers receive them, by detail-type. They are JSON Schema draft 4, which EventBridge's
 * schema registry requires (source: EventBridge, "Schemas").
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
