import { expect, it } from 'vitest';
import type { Resource } from '../../../infra/local/resource.ts';
import { stageThrottle } from '../../../infra/local/rest-api/throttle.ts';

const stage = (...MethodSettings: object[]): Resource => ({
  logicalId: 'Stage',
  type: 'AWS::ApiGateway::Stage',
  id: 'Stage',
  name: 'stage',
  properties: () => ({ MethodSettings }),
});
const ALL = { ResourcePath: '/*', HttpMethod: '*', ThrottlingRateLimit: 10, ThrottlingBurstLimit: 3 };

/** The number of accepted requests out of so many at one time. */
const letThrough = (
  isLetThrough: ReturnType<typeof stageThrottle>,
  count: number,
  path = '/a',
  method = 'GET',
) => Array.from({ length: count }, () => isLetThrough(path, method)).filter(Boolean).length;

it('accepts a burst and then the rate', () => {
  let now = 0;
  const throttle = stageThrottle(stage(ALL), () => now);
  expect(letThrough(throttle, 5)).toBe(3);
  now += 100;
  expect(letThrough(throttle, 5)).toBe(1);
  now += 10_000;
  expect(letThrough(throttle, 5)).toBe(3);
});

it('counts each method of each path separately', () => {
  const throttle = stageThrottle(stage(ALL), () => 0);
  expect(letThrough(throttle, 5)).toBe(3);
  expect(letThrough(throttle, 5, '/a', 'POST')).toBe(3);
  expect(letThrough(throttle, 5, '/b')).toBe(3);
});

it('prefers a method’s own limit to the general one', () => {
  const own = { ResourcePath: '/a~1{b}', HttpMethod: 'GET', ThrottlingRateLimit: 1, ThrottlingBurstLimit: 1 };
  const throttle = stageThrottle(stage(ALL, own), () => 0);
  expect(letThrough(throttle, 5, '/a/{b}')).toBe(1);
  expect(letThrough(throttle, 5, '/a')).toBe(3);
});

it('accepts every request without a limit', () => {
  expect(
    letThrough(
      stageThrottle(stage(), () => 0),
      1000,
    ),
  ).toBe(1000);
});
