/**
 * Deliveries before an import's message counts as dead: the most that SQS takes, about 16 hours of one a minute. Lambda returns
 * batches that it throttles to the queue when their visibility timeout ends, as deliveries (source: Lambda developer guide,
 * "Handling errors for an SQS event source", backoff strategy), and an import must not fail for those. How often an import may
 * fail is counted in its record (shared/imports/starts.ts).
 */
export const IMPORT_DELIVERIES_MAX = 1000;
/** Deliveries before another message counts as dead (AWS advises at least 5 with Lambda, whose throttling uses them up too). */
export const DELIVERIES_MAX = 5;
/** Most messages of a batch without a batching window (source: Lambda, SQS event sources). */
export const BATCH_MESSAGES_MAX = 10;
/** Longest that SQS keeps a message. */
export const RETENTION_DAYS_MAX = 14;
