import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SEND_DELAY_SECONDS_MAX } from '../../shared/aws/send-messages.ts';
import { dueShard, dueShards, sendDelaySeconds } from '../../shared/imports/model/due.ts';

const NOW = Date.UTC(2026, 0, 5, 9);

it('sends an import without a delay if it may start now', () => {
  expect(sendDelaySeconds(NOW, NOW)).toBe(0);
  expect(sendDelaySeconds(NOW - 5000, NOW)).toBe(0);
});

it('delays the message of a later import up to the queue’s limit, and never delivers it before its start', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: SEND_DELAY_SECONDS_MAX * 1000 }), (aheadMs) => {
      const delaySeconds = sendDelaySeconds(NOW + aheadMs, NOW)!;
      expect(delaySeconds).toBeLessThanOrEqual(SEND_DELAY_SECONDS_MAX);
      expect(NOW + delaySeconds * 1000).toBeGreaterThanOrEqual(NOW + aheadMs);
    }),
  );
});

it('leaves an import with a start beyond the queue’s limit to the sweeper', () => {
  expect(sendDelaySeconds(NOW + SEND_DELAY_SECONDS_MAX * 1000 + 1, NOW)).toBeUndefined();
});

it('spreads consecutive identifiers over all of a supplier’s partitions', () => {
  const shards = new Set(
    Array.from({ length: 200 }, (_, index) =>
      dueShard({ importSupplier: 'TEST_SUPPLIER', externalIdentifier: String(4001000000 + index) }),
    ),
  );
  expect([...shards].sort()).toEqual(dueShards('TEST_SUPPLIER').sort());
});
