import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SEND_DELAY_SECONDS_MAX } from '../../shared/aws/send-messages.ts';
import { dueShard, dueShards, sendPlan } from '../../shared/imports/model/due.ts';

const NOW = Date.UTC(2026, 0, 5, 9);

it('sends an import without a delay if it may start now', () => {
  expect(sendPlan(NOW, NOW)).toEqual({ send: true, delaySeconds: 0 });
  expect(sendPlan(NOW - 5000, NOW)).toEqual({ send: true, delaySeconds: 0 });
});

it('delays the message of a later import up to the queue’s limit, and never delivers it before its start', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: SEND_DELAY_SECONDS_MAX * 1000 }), (aheadMs) => {
      const plan = sendPlan(NOW + aheadMs, NOW);
      if (!plan.send) throw new Error('It was not sent.');
      expect(plan.delaySeconds).toBeLessThanOrEqual(SEND_DELAY_SECONDS_MAX);
      expect(NOW + plan.delaySeconds * 1000).toBeGreaterThanOrEqual(NOW + aheadMs);
    }),
  );
});

it('leaves an import with a start beyond the queue’s limit to the sweeper', () => {
  expect(sendPlan(NOW + SEND_DELAY_SECONDS_MAX * 1000 + 1, NOW)).toEqual({ send: false });
});

it('spreads consecutive identifiers over all of a supplier’s partitions', () => {
  const shards = new Set(
    Array.from({ length: 200 }, (_, index) =>
      dueShard({ importSupplier: 'TEST_SUPPLIER', externalIdentifier: String(4001000000 + index) }),
    ),
  );
  expect([...shards].sort()).toEqual(dueShards('TEST_SUPPLIER').sort());
});
