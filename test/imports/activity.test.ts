import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResultOf } from '../../shared/api/operation-types.ts';
import { inSteps, spanBetween, spanOfPeriod } from '../../shared/imports/model/activity.ts';
import { type ListingClass, listingOf } from '../../shared/imports/model/listing.ts';
import { type EndedName, endedImports } from '../../shared/imports/use-cases/ended-imports.ts';
import { type DropBucket, withDropHost } from '../support/drops.ts';
import { SUPPLY_POINTS, send, type TestHost } from '../support/host.ts';
import { guideRequest } from '../support/requests.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 24);

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
    const minutes = fc.uniqueArray(fc.record({ minute: fc.nat(3 * 24 * 60), ended: fc.nat(1000) }), {
      selector: ({ minute }) => minute,
    });
    fc.assert(
      fc.property(minutes, fc.constantFrom('hour', 'day'), fc.nat(3 * 24 * 60), (all, period, at) => {
        const span = spanOfPeriod(period, START + at * MINUTE);
        const counted = all.map(({ minute, ended }) => ({ at: START + minute * MINUTE, counts: { ended } }));
        const within = counted.filter((minute) => minute.at >= span.from && minute.at < span.to);
        const steps = inSteps(span, counted);
        expect(sumOf(steps)).toBe(sumOf(within));
        const times = steps.map((step) => step.at);
        expect(times).toEqual([...new Set(times)].sort((one, other) => one - other));
        expect(times.every((time) => time % (span.stepSeconds * 1000) === 0)).toBe(true);
      }),
    );
  });
});

const sumOf = (minutes: readonly { counts: { ended: number } }[]): number =>
  minutes.reduce((sum, { counts }) => sum + counts.ended, 0);

/** An index in memory, with pages of three positions. */
function indexInMemory() {
  const partitions = new Map<string, string[]>();
  const state = { calls: 0 };
  return {
    state,
    put(listingClass: ListingClass, number: number, at: number): void {
      const key = { importSupplier: 'TEST_SUPPLIER', externalIdentifier: String(4_001_000_000 + number) };
      const { listing, listed_at } = listingOf(listingClass, key, at);
      partitions.set(listing, [...(partitions.get(listing) ?? []), listed_at].sort());
    },
    index: {
      async positions(partition: string, after: string) {
        state.calls += 1;
        const rest = (partitions.get(partition) ?? []).filter((position) => position > after);
        return { positions: rest.slice(0, 3), more: rest.length > 3 };
      },
    },
  };
}

describe('a supplier’s ended imports', () => {
  it('are each in the minute in which they ended, however often and for whatever period one asks', async () => {
    const event = fc.record({
      seconds: fc.constantFrom(0, 1, 7, 59, 61, 600, 4000),
      what: fc.constantFrom(
        'PROCESSED',
        'PROCESSED',
        'ERRORED',
        'EXHAUSTED',
        'DRY_RUN_ERRORED',
        'hour',
        'week',
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 5, maxLength: 60 }), async (events) => {
        let now = START;
        const memory = indexInMemory();
        const ended = endedImports({ index: memory.index, clock: () => now });
        const truth: { at: number; name: EndedName }[] = [];
        for (const [number, { seconds, what }] of [
          ...events,
          { seconds: 10, what: 'week' as const },
        ].entries()) {
          now += seconds * 1000;
          if (what === 'hour' || what === 'week') {
            // A new answer: earlier ones are returned again for five seconds.
            now += 5_000;
            const { from } = spanOfPeriod(what, now);
            const { minutes, isComplete } = await ended('TEST_SUPPLIER', from);
            expect(isComplete).toBe(true);
            const found = minutes.flatMap(({ at, counts }) =>
              Object.entries(counts).flatMap(([name, times]) => Array<string>(times).fill(`${at} ${name}`)),
            );
            const expected = truth
              .filter(({ at }) => at >= from)
              .map(({ at, name }) => `${Math.floor(at / MINUTE) * MINUTE} ${name}`);
            expect(found.sort()).toEqual(expected.sort());
          } else {
            memory.put(what, number, now);
            const name = what === 'EXHAUSTED' ? 'errored' : (what.toLowerCase() as EndedName);
            truth.push({ at: now, name });
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('are counted when they appear in the index a minute late', async () => {
    let now = START;
    const memory = indexInMemory();
    const ended = endedImports({ index: memory.index, clock: () => now });
    memory.put('PROCESSED', 1, START);
    await ended('TEST_SUPPLIER', START - 60 * MINUTE);
    // Of the same partition, and before the one that was read.
    memory.put('PROCESSED', 1, START - MINUTE);
    now += 5_000;
    const { minutes } = await ended('TEST_SUPPLIER', START - 60 * MINUTE);
    expect(minutes.map(({ at, counts }) => [at, counts.processed]).sort()).toEqual([
      [START - MINUTE, 1],
      [START, 1],
    ]);
  });

  it('are read once when their minute has passed', async () => {
    let now = START;
    const memory = indexInMemory();
    const ended = endedImports({ index: memory.index, clock: () => now });
    for (let number = 0; number < 400; number += 1) memory.put('PROCESSED', number, now);
    const from = START - 60 * MINUTE;
    now += 4 * MINUTE;
    await ended('TEST_SUPPLIER', from);
    const first = memory.state.calls;
    await ended('TEST_SUPPLIER', from);
    expect(memory.state.calls).toBe(first);
    now += 5_000;
    const { minutes } = await ended('TEST_SUPPLIER', from);
    expect(minutes).toEqual([{ at: START, counts: expect.objectContaining({ processed: 400 }) }]);
    // One query for each partition: six classes in eight shards.
    expect(memory.state.calls - first).toBe(48);
  });

  it('are read on by the next request when time was up', async () => {
    let now = START;
    const memory = indexInMemory();
    for (let number = 0; number < 2000; number += 1) memory.put('PROCESSED', number, now);
    now += 4 * MINUTE;
    const from = START - 60 * MINUTE;
    // Each look at the clock takes 30 ms.
    const ended = endedImports({
      index: memory.index,
      clock: () => {
        now += 30;
        return now;
      },
    });
    let answer = await ended('TEST_SUPPLIER', from);
    expect(answer.isComplete).toBe(false);
    for (let request = 0; request < 60 && !answer.isComplete; request += 1) {
      now += 5_000;
      answer = await ended('TEST_SUPPLIER', from);
    }
    expect(answer).toMatchObject({ isComplete: true, minutes: [{ counts: { processed: 2000 } }] });
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

  it('counts what ended, and of a drop also the rows that were read', async () => {
    const lines = ['4003000001', '4003000002', 'invalid'].map((identifier) =>
      JSON.stringify(guideRequest({ identifier })),
    );
    await bucket.drop('TEST_SUPPLIER/three.ndjson', lines.join('\n'));
    await create('4003000003');
    await create('4999000001');
    const sums = async (query: string) => {
      const { results } = (await get(query)).body as Body;
      const sum = (name: 'rows_read' | 'processed' | 'errored') =>
        results.reduce((total, step) => total + (step[name] ?? 0), 0);
      return [sum('rows_read'), sum('processed'), sum('errored')];
    };
    await expect.poll(() => sums('')).toEqual([0, 3, 1]);
    const { body } = await send(host, 'GET', `${SUPPLY_POINTS}/TEST_SUPPLIER/drops/`, { token: host.token });
    const [drop] = (body as ResultOf<'drops-list'>).results;
    await expect.poll(() => sums(`?drop=${drop!.drop}`)).toEqual([3, 2, 0]);
    expect(await sums('?period=week')).toEqual([0, 3, 1]);
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
    const reply = await get(query);
    expect(reply).toMatchObject({ status, body });
    expect(reply.headers.get('etag')).toBeNull();
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
