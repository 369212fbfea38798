/**
 * Deliveries before an import's message moves to the dead-letter queue. It is SQS's maximum, about 16 hours at one a minute. A batch that
 * Lambda throttles returns to the queue and counts as delivered (source: Lambda developer guide, "Handling errors for an SQS event
 * source", backoff strategy), and throttling must not fail an import. The import's record counts its attempts (shared/imports/model/starts.ts).
 */
export const IMPORT_DELIVERIES_MAX = 1000;
/** Deliveries before any other message moves to the dead-letter queue (AWS recommends at least 5 with Lambda, whose throttling counts, too). */
export const DELIVERIES_MAX = 5;
/** Maximum batch size without a batching window (source: Lambda, SQS event sources). */
export const BATCH_MESSAGES_MAX = 10;
/** SQS's maximum retention of a message. */
export const RETENTION_DAYS_MAX = 14;
