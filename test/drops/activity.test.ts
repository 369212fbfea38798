import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResultOf } from '../../shared/api/operation-types.ts';
import { activityIn, spanBetween, spanOfPeriod } from '../../shared/drops/activity.ts';
import { noFinalStates } from '../../shared/drops/drop.ts';
import type { CountedMinute, MinuteCounts } from '../../shared/drops/live-counts.ts';
import { type DropBucket, withDropHost } from '../support/drops.ts';
import { SUPPLY_POINTS, send, type TestHost } from '../support/host.ts';
import { guideRequest } from '../support/requests.ts';

const MINUTE = 60_000;
const counts = (processed: number): MinuteCounts => ({ ...noFinalStates(), rows: 0, processed });

describe('a span of time', () => {
  it.each([
    ['hour', 60, 60],
    ['day', 144, 600],
    ['week', 168, 3600],
  ] as const)('of a %s has %s steps and ends with the present one', (period, steps, stepSeconds) => {
    fc.assert(
      fc.property(fc.integer({ min: 1e12, max: 4e12 }), (now) => {
        const span = spanOfPeriod(period, now);
        expect(span.stepSeconds).toBe(stepSeconds);
        expect((span.to - span.from) / 1000 / stepSeconds).toBe(steps);
        expect(span.from % (stepSeconds * 1000)).toBe(0);
        expect(span.to - stepSeconds * 1000 <= now && now < span.to).toBe(true);
      }),
    );
  });

  it('of a drop has at most 120 steps and covers its start and end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1.7e12, max: 1.8e12 }),
        fc.integer({ min: 0, max: 100 * 24 * 60 * MINUTE }),
        (first, milliseconds) => {
          const last = first + milliseconds;
          const { from, to, stepSeconds } = spanBetween(first, last);
          expect(from <= first && last < to).toBe(true);
          expect((to - from) / 1000 / stepSeconds).toBeLessThanOrEqual(120);
        },
      ),
    );
    expect(spanBetween(0, 0)).toEqual({ from: 0, to: MINUTE, stepSeconds: 60 });
  });

  it('has every minute in one step, and none of another time', () => {
    const minutes = fc.uniqueArray(fc.record({ minute: fc.nat(3 * 24 * 60), processed: fc.nat(1000) }), {
      selector: ({ minute }) => minute,
    });
    const start = Date.UTC(2026, 10, 24);
    fc.assert(
      fc.property(minutes, fc.constantFrom('hour', 'day'), fc.nat(3 * 24 * 60), (all, period, at) => {
        const span = spanOfPeriod(period, start + at * MINUTE);
        const counted: CountedMinute[] = all.map(({ minute, processed }) => ({
          at: start + minute * MINUTE,
          all: counts(processed),
          drops: new Map([['one', counts(processed % 7)]]),
        }));
        const within = counted.filter((minute) => minute.at >= span.from && minute.at < span.to);
        const sum = (of: { processed: number }[]) =>
          of.reduce((total, { processed }) => total + processed, 0);
        const steps = activityIn(span, counted);
        expect(sum(steps.map((step) => step.counts))).toBe(sum(within.map((minute) => minute.all)));
        const ofDrop = activityIn(span, counted, 'one');
        expect(sum(ofDrop.map((step) => step.counts))).toBe(
          sum(within.map((minute) => minute.drops.get('one')!)),
        );
        expect(activityIn(span, counted, 'another')).toEqual([]);
        const times = steps.map((step) => step.at);
        expect(times).toEqual([...new Set(times)].sort((one, other) => one - other));
        expect(times.every((time) => time % (span.stepSeconds * 1000) === 0)).toBe(true);
      }),
    );
  });
});

describe('GET …/{supplier}/activity/', () => {
  let host: TestHost;
  let bucket: DropBucket;
  withDropHost((started) => {
    ({ host, bucket } = started);
  });
  type Body = ResultOf<'activity'>;
  const ACTIVITY = `${SUPPLY_POINTS}/TEST_SUPPLIER/activity/`;
  const get = (query = '', headers: Record<string, string> = {}) =>
    send(host, 'GET', `${ACTIVITY}${query}`, { token: host.viewerToken, headers });
  const create = (identifier: string) =>
    send(host, 'POST', `${SUPPLY_POINTS}/`, { token: host.token, json: guideRequest({ identifier }) });

  it('counts what ended and the rows that were read: of all imports, and of a drop', async () => {
    const lines = ['4003000001', '4003000002', 'invalid'].map((identifier) =>
      JSON.stringify(guideRequest({ identifier })),
    );
    await bucket.drop('TEST_SUPPLIER/three.ndjson', lines.join('\n'));
    await create('4003000003');
    await create('4999000001');
    const sums = async (query: string) => {
      const { results } = (await get(query)).body as Body;
      const sum = (name: 'rows_read' | 'processed' | 'errored') =>
        results.reduce((total, step) => total + step[name], 0);
      return [sum('rows_read'), sum('processed'), sum('errored')];
    };
    await expect.poll(() => sums('')).toEqual([3, 3, 1]);
    const { body } = await send(host, 'GET', `${SUPPLY_POINTS}/TEST_SUPPLIER/drops/`, { token: host.token });
    const [drop] = (body as ResultOf<'drops-list'>).results;
    expect(await sums(`?drop=${drop!.drop}`)).toEqual([3, 2, 0]);
    expect(await sums('?period=week')).toEqual([3, 3, 1]);
    const elsewhere = `${SUPPLY_POINTS}/CLOSED_SUPPLIER/activity/`;
    const token = host.token;
    expect((await send(host, 'GET', elsewhere, { token })).body).toMatchObject({ results: [] });
    expect(await send(host, 'GET', `${elsewhere}?drop=${drop!.drop}`, { token })).toMatchObject({
      status: 404,
    });
  });

  it.each([
    ['?period=year', 400, { period: ['"year" is not a valid choice. Valid choices are hour, day, week.'] }],
    ['?period=day&period=day', 400, { period: ['This parameter may be given only once.'] }],
    ['?drop=x', 400, { drop: ['This is not the id of a drop.'] }],
    ['?drop=0123456789abcdef', 404, { code: 'not_found' }],
  ])('refuses %s with %s', async (query, status, body) => {
    expect(await get(query)).toMatchObject({ status, body });
  });

  it('is 304 while nothing changes, and has the body again after a change', async () => {
    const first = await get('?period=week');
    const etag = first.headers.get('etag')!;
    expect(etag).toMatch(/^W\/"/);
    const again = await get('?period=week', { 'If-None-Match': `"other", ${etag}` });
    expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
    await create('4003000004');
    await expect.poll(async () => (await get('?period=week', { 'If-None-Match': etag })).status).toBe(200);
  });
});
