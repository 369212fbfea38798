import * as v from 'valibot';

/**
 * Statuses of an import process, with the names of the API (source: the guide, "Statuses").
 * Their transitions are in transitions.ts.
 */
export const IMPORT_STATUSES = [
  'PENDING',
  'IN_PROGRESS',
  'PROCESSED',
  'ERRORED',
  'DRY_RUN_SUCCEEDED',
  'DRY_RUN_ERRORED',
  'CANCELLED',
] as const;
export const ImportStatus = v.picklist(IMPORT_STATUSES);
export type ImportStatus = v.InferOutput<typeof ImportStatus>;

/** Why an import process failed; `domain` names the owner of the rule (source: the guide, "latest_error"). */
export const ImportError = v.object({
  code: v.string(),
  detail: v.string(),
  domain: v.picklist(['import_process', 'supply_point_import', 'account_import']),
});
export type ImportError = v.InferOutput<typeof ImportError>;

/** The two sources of imports, `endpoint` (the API) and `bulk` (drops). Each has its own queue. */
export const Lane = v.picklist(['endpoint', 'bulk']);
export type Lane = v.InferOutput<typeof Lane>;

/** Identifies an import process by the supplier's code and the supply point's identifier, as in the status URL. */
export type ImportKey = { importSupplier: string; externalIdentifier: string };

const EpochMilliseconds = v.pipe(v.number(), v.integer());

/**
 * Codes of history events (history.ts has their names). They are single letters because every write contains them, and bytes
 * cost.
 */
export const EVENT_CODES = ['s', 'r', 'y', 'w', 'a', 't', 'p', 'e', 'd', 'f', 'c'] as const;
export const HistoryEntry = v.object({
  /** Time. */
  t: EpochMilliseconds,
  /** Event. */
  e: v.picklist(EVENT_CODES),
  /** Attempt. */
  a: v.pipe(v.number(), v.integer()),
  /** Error, if the import failed. */
  x: v.optional(ImportError),
});
export type HistoryEntry = v.InferOutput<typeof HistoryEntry>;

/**
 * An item of the `import-processes` table. Times are epoch milliseconds (UTC).
 *
 * `payload` is compressed (packed-payload.ts). An item of the guide's size is then smaller than one kilobyte, and each write of
 * an import costs one unit. The payload is removed when the import no longer needs it.
 */
export const ImportProcess = v.object({
  /** `<import supplier>#<external identifier>`. A partition key of the supplier alone would be one hot partition. */
  id: v.string(),
  status: ImportStatus,
  /** Number of the attempt: 1, then one more with each submission or retry after a final status. */
  attempt: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** Number of writes. A write based on an earlier read is conditional on it. */
  revision: v.pipe(v.number(), v.integer(), v.minValue(1)),
  created_at: EpochMilliseconds,
  modified_at: EpochMilliseconds,
  /** Time of the last submission or retry. The default schedule window is relative to it. */
  submitted_at: EpochMilliseconds,
  is_dry_run: v.boolean(),
  /** The requested schedule window. Absent for the default window. */
  window_start: v.optional(EpochMilliseconds),
  window_end: v.optional(EpochMilliseconds),
  latest_error: v.optional(ImportError),
  kraken_identifier: v.optional(v.string()),
  payload: v.optional(v.instance(Uint8Array)),
  /** The queue of its messages. `bulk` is for drops: a file never delays the endpoints' imports. */
  lane: v.optional(Lane),
  /** The latest drop rows submitted to it: `<drop>:<offset>:<line>`. A redelivered message submits none of them again. */
  rows: v.optional(v.array(v.string())),
  /** Its partition and position in the `listing` index (listing.ts), which lists and the sweeper read. */
  listing: v.string(),
  listed_at: v.string(),
  /** Its start, while that is further ahead than a queue can delay. The `due` index has these imports. */
  due_at: v.optional(EpochMilliseconds),
  due_shard: v.optional(v.string()),
  /** When a worker first claimed the present attempt. Absent before, and in records from before this attribute. */
  started_at: v.optional(EpochMilliseconds),
  /** Number of claims of the present attempt (starts.ts). Absent like `started_at`. */
  starts: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  /** Events, oldest first (history.ts), for people to read. No decision about the present attempt is based on it. */
  history: v.array(HistoryEntry),
  /** Identifier of the run that holds the import, and the end of its lease. Present while IN_PROGRESS. */
  claim: v.optional(v.string()),
  lease_until: v.optional(EpochMilliseconds),
  /** Expiry in epoch seconds (aws/lifetime.ts). Present after a final status, in environments with an expiry. */
  expires_at_seconds: v.optional(v.number()),
});
export type ImportProcess = v.InferOutput<typeof ImportProcess>;

/** Returns the table's key of an import. It is unambiguous because no supplier's code contains `#`. */
export function importId({ importSupplier, externalIdentifier }: ImportKey): string {
  return `${importSupplier}#${externalIdentifier}`;
}

/** Parses a table's key: the reverse of {@link importId}. */
export function importKey(id: string): ImportKey {
  const hash = id.indexOf('#');
  return { importSupplier: id.slice(0, hash), externalIdentifier: id.slice(hash + 1) };
}
