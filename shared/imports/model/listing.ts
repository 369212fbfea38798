import { dueShard, sendDelaySeconds } from './due.ts';
import { importError } from './import-errors.ts';
import type { ImportError, ImportKey, ImportProcess, ImportStatus, Lane } from './import-process.ts';
import { SHARDS, shardOf } from './shards.ts';

/**
 * Classes of imports in the `listing` index. A list reads the classes of its filter, the sweeper the open ones, and a redrive
 * the exhausted one.
 *
 * Classes differ from statuses because a claim must not move an import: moving the index entry would cost two more write units.
 * An IN_PROGRESS import keeps the class of its submission.
 */
export const LISTING_CLASSES = [
  /** May start now, and its message was sent to the endpoints' queue. */
  'OPEN',
  /** May start now, but its message may take longer (due.ts, RESEND_SLOW_AFTER_SECONDS). */
  'SLOW',
  /** Starts later than a queue can delay. */
  'WAITING',
  'PROCESSED',
  'ERRORED',
  'DRY_RUN_SUCCEEDED',
  'DRY_RUN_ERRORED',
  'CANCELLED',
  /** Finished ERRORED or DRY_RUN_ERRORED because its starts were used up. */
  'EXHAUSTED',
] as const;
export type ListingClass = (typeof LISTING_CLASSES)[number];

const OPEN_CLASSES = ['OPEN', 'SLOW', 'WAITING'] as const;

/** The classes that contain imports of a status. */
export const CLASSES_OF_STATUS: Readonly<Record<ImportStatus, readonly ListingClass[]>> = {
  PENDING: OPEN_CLASSES,
  IN_PROGRESS: OPEN_CLASSES,
  PROCESSED: ['PROCESSED'],
  ERRORED: ['ERRORED', 'EXHAUSTED'],
  DRY_RUN_SUCCEEDED: ['DRY_RUN_SUCCEEDED'],
  DRY_RUN_ERRORED: ['DRY_RUN_ERRORED', 'EXHAUSTED'],
  CANCELLED: ['CANCELLED'],
};

/** A record's partition and position in the `listing` index. */
export type Listing = Pick<ImportProcess, 'listing' | 'listed_at'>;

/** Returns a supplier's partitions of a class. */
export function listingPartitions(importSupplier: string, listingClass: ListingClass): string[] {
  return SHARDS.map((shard) => `${importSupplier}#${listingClass}#${shard}`);
}

/**
 * Returns a position in a list: `<epoch ms, 13 digits>#<external identifier>`. The identifier makes positions unique within a
 * supplier, because a drop submits thousands of imports in one millisecond. A cursor thus falls between two imports.
 */
export function listingPosition(epochMs: number, externalIdentifier: string): string {
  return `${timePrefix(epochMs)}#${externalIdentifier}`;
}

/** Returns when an import got its position (epoch ms). */
export const listedTime = ({ listed_at }: Pick<ImportProcess, 'listed_at'>): number =>
  Number(listed_at.slice(0, listed_at.indexOf('#')));

/** Returns a text that sorts after every position of this time or earlier, and before every later one. */
export const positionsUntil = (epochMs: number): string => timePrefix(epochMs + 1);

const timePrefix = (epochMs: number): string => String(epochMs).padStart(13, '0');

/** Returns the listing of an import in a class at a time (epoch ms). */
export function listingOf(listingClass: ListingClass, key: ImportKey, now: number): Listing {
  const { importSupplier, externalIdentifier } = key;
  return {
    listing: `${importSupplier}#${listingClass}#${shardOf(externalIdentifier)}`,
    listed_at: listingPosition(now, externalIdentifier),
  };
}

/** Returns the listing of an import that is submitted `now` and may start at `start` (epoch ms). */
export function listingOfOpen(
  key: ImportKey,
  { start, now, lane }: { start: number; now: number; lane: Lane | undefined },
): Listing & Pick<ImportProcess, 'due_at' | 'due_shard'> {
  const delaySeconds = sendDelaySeconds(start, now);
  if (delaySeconds === undefined)
    return { ...listingOf('WAITING', key, now), due_at: start, due_shard: dueShard(key) };
  return listingOf(lane === 'bulk' || delaySeconds > 0 ? 'SLOW' : 'OPEN', key, now);
}

const EXHAUSTED_CODE = importError.attemptsExhausted().code;

/** Whether an import failed because its starts were used up. */
export const isExhausted = (error: ImportError | undefined): boolean => error?.code === EXHAUSTED_CODE;

/** Returns the class of an import with a final status. */
export function classOfEnd(
  status: Exclude<ImportStatus, 'PENDING' | 'IN_PROGRESS'>,
  error: ImportError | undefined,
): ListingClass {
  return isExhausted(error) ? 'EXHAUSTED' : status;
}
