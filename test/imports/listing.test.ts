import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SEND_DELAY_SECONDS_MAX } from '../../shared/aws/send-messages.ts';
import { importError } from '../../shared/imports/model/import-errors.ts';
import { IMPORT_STATUSES } from '../../shared/imports/model/import-process.ts';
import {
  CLASSES_OF_STATUS,
  classOfEnd,
  LISTING_CLASSES,
  listedTime,
  listingOf,
  listingOfOpen,
  listingPartitions,
  listingPosition,
  positionsUntil,
} from '../../shared/imports/model/listing.ts';
import { SHARDS, shardOf } from '../../shared/imports/model/shards.ts';

const NOW = Date.UTC(2026, 0, 5, 9);
const key = { importSupplier: 'TEST_SUPPLIER', externalIdentifier: '4001248530' };
const LATER = NOW + SEND_DELAY_SECONDS_MAX * 1000 + 1;

it.each([
  ['an import that may start now', 'OPEN', NOW, undefined],
  ['a drop’s import that may start now', 'SLOW', NOW, 'bulk' as const],
  ['an import sent with a delay', 'SLOW', NOW + 1, undefined],
  ['an import that starts later than a queue can delay', 'WAITING', LATER, undefined],
  ['a drop’s import that starts later than a queue can delay', 'WAITING', LATER, 'bulk' as const],
])('lists %s as %s', (_, listingClass, start, lane) => {
  const { listing, listed_at, ...due } = listingOfOpen(key, { start, now: NOW, lane });
  expect(listing).toMatch(new RegExp(`^TEST_SUPPLIER#${listingClass}#[0-7]$`));
  expect(listed_at).toBe(`${NOW}#4001248530`);
  expect(Object.keys(due)).toEqual(listingClass === 'WAITING' ? ['due_at', 'due_shard'] : []);
});

it('lists finished imports by status, and exhausted ones separately', () => {
  const { attemptsExhausted, scheduleWindowMissed } = importError;
  expect(classOfEnd('PROCESSED', undefined)).toBe('PROCESSED');
  expect(classOfEnd('ERRORED', scheduleWindowMissed())).toBe('ERRORED');
  expect(classOfEnd('ERRORED', attemptsExhausted())).toBe('EXHAUSTED');
  expect(classOfEnd('DRY_RUN_ERRORED', attemptsExhausted())).toBe('EXHAUSTED');
});

it('lists each status in at least one class, and each class for at least one status', () => {
  const listed = new Set(IMPORT_STATUSES.flatMap((status) => CLASSES_OF_STATUS[status]));
  expect([...listed].sort()).toEqual([...LISTING_CLASSES].sort());
});

it('lists every identifier in one of its supplier’s partitions', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom(...LISTING_CLASSES), (externalIdentifier, listingClass) => {
      const { listing } = listingOf(listingClass, { ...key, externalIdentifier }, NOW);
      expect(listingPartitions('TEST_SUPPLIER', listingClass)).toContain(listing);
    }),
  );
});

it('orders positions by time, and gives each import its own position', () => {
  const times = fc.integer({ min: 0, max: 9_999_999_999_998 });
  fc.assert(
    fc.property(times, times, (one, other) => {
      expect(listingPosition(one, 'B') < listingPosition(other, 'A')).toBe(one < other);
      expect(listingPosition(one, 'A')).not.toBe(listingPosition(one, 'B'));
      expect(listingPosition(one, 'ZZZ') < positionsUntil(other)).toBe(one <= other);
    }),
  );
});

it('reads the time of a position', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 31 - 1), fc.string(), (time, identifier) => {
      expect(listedTime({ listed_at: listingPosition(time, identifier) })).toBe(time);
    }),
  );
});

it('ends a range of positions after those of its last millisecond', () => {
  const end = positionsUntil(NOW);
  expect(listingPosition(NOW, '\uffff') < end).toBe(true);
  expect(listingPosition(NOW + 1, '') > end).toBe(true);
});

// Test vectors of FNV-1a (source: draft-eastlake-fnv, 32 bits), modulo 8. Another shard would lose stored imports from the index.
it.each([
  ['', 0x811c9dc5],
  ['a', 0xe40c292c],
  ['foobar', 0xbf9cf968],
])('never changes the shard of an identifier: %j', (identifier, hash) => {
  expect(shardOf(identifier)).toBe(hash % SHARDS.length);
});
