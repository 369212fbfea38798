import { dueShard, sendPlan } from './due.ts';
import { importError } from './import-errors.ts';
import type { ImportError, ImportKey, ImportProcess, ImportStatus, Lane } from './import-process.ts';
import { SHARDS, shardOf } from './shards.ts';

/**
 * The kinds of imports that the `listing` index tells apart. A list reads the classes that its filter needs; the sweeper
 * reads what is open; a redrive what is exhausted.
 *
 * They are not the statuses: a claim must not move an import (the index entry would cost two more write units), so what
 * is being worked on stays where it was put when it was submitted.
 */
export const LISTING_CLASSES = [
  /** May be worked on now, and its message was sent by the endpoints' queue. */
  'OPEN',
  /** The same, but its message may take its time (due.ts, RESEND_SLOW_AFTER_SECONDS). */
  'SLOW',
  /** Starts later than a queue can delay. */
  'WAITING',
  'PROCESSED',
  'ERRORED',
  'DRY_RUN_SUCCEEDED',
  'DRY_RUN_ERRORED',
  'CANCELLED',
  /** Ended ERRORED or DRY_RUN_ERRORED because its message used up its deliveries. */
  'EXHAUSTED',
] as const;
export type ListingClass = (typeof LISTING_CLASSES)[number];

const OPEN_CLASSES = ['OPEN', 'SLOW', 'WAITING'] as const;

/** Where imports of a status are to be looked for. */
export const CLASSES_OF_STATUS: Readonly<Record<ImportStatus, readonly ListingClass[]>> = {
  PENDING: OPEN_CLASSES,
  IN_PROGRESS: OPEN_CLASSES,
  PROCESSED: ['PROCESSED'],
  ERRORED: ['ERRORED', 'EXHAUSTED'],
  DRY_RUN_SUCCEEDED: ['DRY_RUN_SUCCEEDED'],
  DRY_RUN_ERRORED: ['DRY_RUN_ERRORED', 'EXHAUSTED'],
  CANCELLED: ['CANCELLED'],
};

/** Where a record stands in the `listing` index. */
export type Listing = Pick<ImportProcess, 'listing' | 'listed_at'>;

/** A supplier's partitions of a class. */
export function listingPartitions(importSupplier: string, listingClass: ListingClass): string[] {
  return SHARDS.map((shard) => `${importSupplier}#${listingClass}#${shard}`);
}

/**
 * A place in the order of a list: `<epoch ms, 13 digits>#<external identifier>`. With the identifier in it no two imports
 * of a supplier ever share a place (a drop submits thousands in one millisecond), so that a cursor falls between two.
 */
export function listingPosition(epochMs: number, externalIdentifier: string): string {
  return `${timePrefix(epochMs)}#${externalIdentifier}`;
}

/** When an import came to its place in a list (epoch ms). */
export const listedTime = ({ listed_at }: Pick<ImportProcess, 'listed_at'>): number =>
  Number(listed_at.slice(0, listed_at.indexOf('#')));

/** Sorts after every place of that time or earlier, and before every later one. */
export const positionsUntil = (epochMs: number): string => timePrefix(epochMs + 1);

const timePrefix = (epochMs: number): string => String(epochMs).padStart(13, '0');

/** Puts an import into a class at a time (epoch ms). */
export function listingOf(listingClass: ListingClass, key: ImportKey, now: number): Listing {
  const { importSupplier, externalIdentifier } = key;
  return {
    listing: `${importSupplier}#${listingClass}#${shardOf(externalIdentifier)}`,
    listed_at: listingPosition(now, externalIdentifier),
  };
}

/** Where an import stands that is submitted `now` and may start at `start` (epoch ms). */
export function listingOfOpen(
  key: ImportKey,
  { start, now, lane }: { start: number; now: number; lane: Lane | undefined },
): Listing & Pick<ImportProcess, 'due_at' | 'due_shard'> {
  const plan = sendPlan(start, now);
  if (!plan.send) return { ...listingOf('WAITING', key, now), due_at: start, due_shard: dueShard(key) };
  return listingOf(lane === 'bulk' || plan.delaySeconds > 0 ? 'SLOW' : 'OPEN', key, now);
}

const EXHAUSTED_CODE = importError.attemptsExhausted().code;

/** Whether an import ended because its message used up its deliveries. */
export const isExhausted = (error: ImportError | undefined): boolean => error?.code === EXHAUSTED_CODE;

/** The class of an import that ended. */
export function classOfEnd(
  status: Exclude<ImportStatus, 'PENDING' | 'IN_PROGRESS'>,
  error: ImportError | undefined,
): ListingClass {
  return isExhausted(error) ? 'EXHAUSTED' : status;
}
