import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SEND_DELAY_SECONDS_MAX } from '../../shared/aws/send-messages.ts';
import { dueShard, dueShards, sendPlan } from '../../shared/imports/due.ts';

const NOW = Date.UTC(2026, 0, 5, 9);

it('sends what may start now without a delay', () => {
  expect(sendPlan(NOW, NOW)).toEqual({ send: true, delaySeconds: 0 });
  expect(sendPlan(NOW - 5000, NOW)).toEqual({ send: true, delaySeconds: 0 });
});

it('delays what starts within what a queue can delay, and never has it arrive before its start', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: SEND_DELAY_SECONDS_MAX * 1000 }), (aheadMs) => {
      const plan = sendPlan(NOW + aheadMs, NOW);
      if (!plan.send) throw new Error('It was not sent.');
      expect(plan.delaySeconds).toBeLessThanOrEqual(SEND_DELAY_SECONDS_MAX);
      expect(NOW + plan.delaySeconds * 1000).toBeGreaterThanOrEqual(NOW + aheadMs);
    }),
  );
});

it('leaves what starts later to the sweeper', () => {
  expect(sendPlan(NOW + SEND_DELAY_SECONDS_MAX * 1000 + 1, NOW)).toEqual({ send: false });
});

it('spreads identifiers that ascend over all of a supplier’s partitions', () => {
  const shards = new Set(
    Array.from({ length: 200 }, (_, index) =>
      dueShard({ importSupplier: 'TEST_SUPPLIER', externalIdentifier: String(4001000000 + index) }),
    ),
  );
  expect([...shards].sort()).toEqual(dueShards('TEST_SUPPLIER').sort());
});
