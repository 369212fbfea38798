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

/** Why an import process did not end well; `domain` tells whose rule failed (source: the guide, "latest_error"). */
export const ImportError = v.object({
  code: v.string(),
  detail: v.string(),
  domain: v.picklist(['import_process', 'supply_point_import', 'account_import']),
});
export type ImportError = v.InferOutput<typeof ImportError>;

/** The two ways into the service, each with a queue of its own. */
export const Lane = v.picklist(['endpoint', 'bulk']);
export type Lane = v.InferOutput<typeof Lane>;

/** What identifies an import process: the supplier's code and the supply point's identifier, as in the status URL. */
export type ImportKey = { importSupplier: string; externalIdentifier: string };

const EpochMilliseconds = v.pipe(v.number(), v.integer());

/**
 * What can happen to an import, by the letter that its record keeps: it is written with each change, so its bytes count.
 * history.ts has the words.
 */
export const EVENT_CODES = ['s', 'r', 'y', 'w', 'a', 't', 'p', 'e', 'd', 'f', 'c'] as const;
export const HistoryEntry = v.object({
  /** When. */
  t: EpochMilliseconds,
  /** What. */
  e: v.picklist(EVENT_CODES),
  /** In which attempt. */
  a: v.pipe(v.number(), v.integer()),
  /** Why it did not end well. */
  x: v.optional(ImportError),
});
export type HistoryEntry = v.InferOutput<typeof HistoryEntry>;

/**
 * An import process as the `import-processes` table keeps it. Times are epoch milliseconds (UTC).
 *
 * `payload` is packed (packed-payload.ts): with it an item of the guide's size stays under one kilobyte, so that
 * each of an import's writes costs one unit. It goes when the import no longer needs it.
 */
export const ImportProcess = v.object({
  /** `<import supplier>#<external identifier>`: together, because a key of the supplier alone would be one hot partition. */
  id: v.string(),
  status: ImportStatus,
  /** Counts the lives of this import process: 1, then one more with each submission or retry after one that ended. */
  attempt: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** Counts writes; a write that is based on what was read is conditional on it. */
  revision: v.pipe(v.number(), v.integer(), v.minValue(1)),
  created_at: EpochMilliseconds,
  modified_at: EpochMilliseconds,
  /** When what is to be created was last submitted; the default schedule window counts from here. */
  submitted_at: EpochMilliseconds,
  is_dry_run: v.boolean(),
  /** The schedule window as it was sent; absent where it was left to the default. */
  window_start: v.optional(EpochMilliseconds),
  window_end: v.optional(EpochMilliseconds),
  latest_error: v.optional(ImportError),
  kraken_identifier: v.optional(v.string()),
  payload: v.optional(v.instance(Uint8Array)),
  /** Which queue its messages go to: `bulk` for what came in a drop, so that a file never delays the endpoints' imports. */
  lane: v.optional(Lane),
  /** The drop rows that were submitted to it lately, so that a repeated message submits none of them again. */
  rows: v.optional(v.array(v.string())),
  /** Where lists and the sweeper find it (listing.ts): the partition and the position in it. Its index is `listing`. */
  listing: v.string(),
  listed_at: v.string(),
  /** Present while it waits for a start that is later than a queue can delay: that start. Its index is `due`. */
  due_at: v.optional(EpochMilliseconds),
  due_shard: v.optional(v.string()),
  /** When a worker first claimed the present attempt. Absent until then, and in records from before this attribute. */
  started_at: v.optional(EpochMilliseconds),
  /** How often workers claimed the present attempt (starts.ts). Absent as `started_at` is. */
  starts: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  /** What happened to it, oldest first (history.ts): for people to read. No decision about the present attempt is read out of it. */
  history: v.array(HistoryEntry),
  /** Who works on it (a random identifier), and until when nobody else may. Present while IN_PROGRESS. */
  claim: v.optional(v.string()),
  lease_until: v.optional(EpochMilliseconds),
  /** When it expires, in epoch seconds (aws/lifetime.ts). Present once it ended, where the environment has data expire. */
  expires_at_seconds: v.optional(v.number()),
});
export type ImportProcess = v.InferOutput<typeof ImportProcess>;

/** The table's key for an import. No supplier's code contains `#`, so two imports never share one. */
export function importId({ importSupplier, externalIdentifier }: ImportKey): string {
  return `${importSupplier}#${externalIdentifier}`;
}

/** The import that a table's key stands for: the reverse of {@link importId}. */
export function importKey(id: string): ImportKey {
  const hash = id.indexOf('#');
  return { importSupplier: id.slice(0, hash), externalIdentifier: id.slice(hash + 1) };
}
