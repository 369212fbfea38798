import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { isConditionMet, undefinedIfConditionFailed } from '../../shared/aws/conditional-write.ts';
import { expiry, ifAbsent, isExpired } from '../../shared/aws/lifetime.ts';

const DAY_MS = 86_400_000;
/** A lifetime of two days. The present time is half a second after the given epoch second. */
const lifetime = (seconds = 0) => ({ keptDays: 2, clock: () => seconds * 1000 + 500 });

describe('the lifetime of an item', () => {
  it('ends so many days after it begins, in whole seconds', () => {
    expect(expiry(lifetime(), 10 * DAY_MS + 999)).toEqual({ expires_at_seconds: (12 * DAY_MS) / 1000 });
  });

  it('has no end in an environment without an expiry', () => {
    expect(expiry({ ...lifetime(), keptDays: undefined }, 0)).toEqual({});
  });

  it.each([
    [100, 99, false],
    [100, 100, true],
    [100, 101, true],
    [undefined, Number.MAX_SAFE_INTEGER / 1000, false],
  ])('that ends at %s is over at %s: %s', (expires_at_seconds, present, expected) => {
    expect(isExpired(lifetime(present), { expires_at_seconds })).toBe(expected);
  });

  it('lets a write replace an expired item', () => {
    expect(ifAbsent(lifetime(100), 'id')).toEqual({
      ConditionExpression: 'attribute_not_exists(id) OR expires_at_seconds <= :present',
      ExpressionAttributeValues: { ':present': 100 },
    });
  });
});

describe('a conditional write', () => {
  const conditionFailed = new ConditionalCheckFailedException({ message: 'x', $metadata: {} });
  const otherError = Object.assign(new Error('x'), { name: 'ThrottlingException' });

  it.each([
    ['that is done returns its result', () => Promise.resolve({ a: 1 }), { a: 1 }, true],
    ['whose condition fails returns nothing', () => Promise.reject(conditionFailed), undefined, false],
  ])('%s', async (_, write, result, isMet) => {
    expect(await undefinedIfConditionFailed<unknown>(write())).toEqual(result);
    expect(await isConditionMet(write())).toBe(isMet);
  });

  it('throws every other error', async () => {
    await expect(undefinedIfConditionFailed(Promise.reject(otherError))).rejects.toBe(otherError);
    await expect(isConditionMet(Promise.reject(otherError))).rejects.toBe(otherError);
  });
});
