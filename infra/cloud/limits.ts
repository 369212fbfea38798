/** Deliveries before a message counts as dead (AWS advises at least 5 with Lambda, whose throttling uses them up too). */
export const DELIVERIES_MAX = 5;
/** Most messages of a batch without a batching window (source: Lambda, SQS event sources). */
export const BATCH_MESSAGES_MAX = 10;
/** Longest that SQS keeps a message. */
export const RETENTION_DAYS_MAX = 14;
