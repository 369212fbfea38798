import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lifetime } from '../../shared/aws/lifetime.ts';
import { importError } from '../../shared/imports/model/import-errors.ts';
import type { ImportProcess } from '../../shared/imports/model/import-process.ts';
import { listingOf } from '../../shared/imports/model/listing.ts';
import { startTestTables } from '../support/tables.ts';
import { finalState, keyOf, run, storesOf } from './stores.ts';

let tables: Awaited<ReturnType<typeof startTestTables>>;
beforeAll(async () => {
  tables = await startTestTables();
});
afterAll(() => tables.stop());

const SECOND = 1000;
const NOW = Date.UTC(2030, 0, 7, 9);
const LATER = NOW + 60 * SECOND;
let taken = 0;
const newIdentifier = (): string => String(4_002_000_000 + ++taken);
const iso = (epochMs: number): string => new Date(epochMs).toISOString();

describe('a claim', () => {
  const claim = (identifier: string, now: number, { attempt = 1, name = 'mine' } = {}) =>
    storesOf(tables).imports.claim({ key: keyOf(identifier), attempt, ...run(now, name) });

  it('marks the record and counts the start; the next one keeps the time of the first', async () => {
    const identifier = newIdentifier();
    const { importIn, imports } = storesOf(tables);
    const before = await importIn('PENDING', identifier, NOW);
    const { claimed, found } = await claim(identifier, LATER);
    const held: ImportProcess = {
      ...before,
      status: 'IN_PROGRESS',
      revision: 2,
      modified_at: LATER,
      started_at: LATER,
      starts: 1,
      claim: 'mine',
      lease_until: LATER + 20 * SECOND,
      history: [...before.history, { t: LATER, e: 't', a: 1 }],
    };
    expect(claimed).toEqual(held);
    expect(found).toEqual(held);
    expect(await imports.get(keyOf(identifier))).toEqual(held);
    const next = await claim(identifier, LATER + 20 * SECOND, { name: 'next' });
    expect(next.claimed).toMatchObject({ starts: 2, started_at: LATER, revision: 3, claim: 'next' });
  });

  it.each([
    ['of a PENDING import', 'PENDING', NOW, 1, true],
    ['of another attempt', 'PENDING', NOW, 2, false],
    ['a millisecond before the lease of a run ends', 'IN_PROGRESS', NOW + 20 * SECOND - 1, 1, false],
    ['when the lease of a run ends', 'IN_PROGRESS', NOW + 20 * SECOND, 1, true],
    ['of another attempt when the lease ends', 'IN_PROGRESS', NOW + 20 * SECOND, 2, false],
    ['of a PROCESSED import', 'PROCESSED', LATER, 1, false],
    ['of a CANCELLED import', 'CANCELLED', LATER, 1, false],
  ] as const)('%s', async (_, status, at, attempt, isClaimed) => {
    const identifier = newIdentifier();
    const before = await storesOf(tables).importIn(status, identifier, NOW);
    const { claimed, found } = await claim(identifier, at, { attempt });
    expect(claimed !== undefined).toBe(isClaimed);
    if (!isClaimed) expect(found).toEqual(before);
  });

  it.each([
    ['a millisecond before its window opens', -1, 1, false],
    ['when its window opens', 0, 1, true],
    ['of another attempt when its window opens', 0, 2, false],
  ])('of an import %s', async (_, offset, attempt, isClaimed) => {
    const identifier = newIdentifier();
    await storesOf(tables).record(identifier, NOW, {
      taskParameters: { schedule_window_start: iso(LATER) },
    });
    const { claimed } = await claim(identifier, LATER + offset, { attempt });
    expect(claimed !== undefined).toBe(isClaimed);
  });

  it('whose response was lost is found when it is repeated', async () => {
    const identifier = newIdentifier();
    await storesOf(tables).importIn('PENDING', identifier, NOW);
    const first = await claim(identifier, NOW);
    expect(await claim(identifier, NOW)).toEqual(first);
    expect((await claim(identifier, NOW, { name: 'other' })).claimed).toBeUndefined();
  });

  it('of an unknown import finds nothing', async () => {
    expect(await claim(newIdentifier(), NOW)).toEqual({ claimed: undefined, found: undefined });
  });
});

describe('a final status', () => {
  it.each([
    ['PROCESSED', 'p'],
    ['ERRORED', 'e'],
    ['DRY_RUN_SUCCEEDED', 'd'],
    ['DRY_RUN_ERRORED', 'f'],
  ] as const)('%s replaces what only an open import has', async (status, code) => {
    const identifier = newIdentifier();
    const { importIn, imports } = storesOf(tables);
    const key = keyOf(identifier);
    const { payload, claim, lease_until, ...before } = await importIn('IN_PROGRESS', identifier, NOW);
    const state = finalState(status, identifier);
    const error = 'error' in state ? state.error : undefined;
    expect(await imports.finish({ key, attempt: 1, claim: claim!, now: LATER }, state)).toBe(true);
    expect(lease_until).toBe(NOW + 20 * SECOND);
    expect(await imports.get(key)).toEqual({
      ...before,
      ...listingOf(status, key, LATER),
      status,
      revision: 3,
      modified_at: LATER,
      history: [...before.history, { t: LATER, e: code, a: 1, ...(error && { x: error }) }],
      ...(status === 'PROCESSED'
        ? { kraken_identifier: expect.stringMatching(/^[0-9a-f-]{36}$/) }
        : { payload }),
      ...(error && { latest_error: error }),
    });
  });

  it('is written only by the run that holds the claim, and once', async () => {
    const identifier = newIdentifier();
    const { importIn, imports } = storesOf(tables);
    const key = keyOf(identifier);
    const before = await importIn('IN_PROGRESS', identifier, NOW);
    const state = finalState('PROCESSED', identifier);
    expect(await imports.finish({ key, attempt: 1, claim: 'other', now: LATER }, state)).toBe(false);
    expect(await imports.get(key)).toEqual(before);
    expect(await imports.finish({ key, attempt: 1, claim: 'claim', now: LATER }, state)).toBe(true);
    const ended = await imports.get(key);
    expect(await imports.finish({ key, attempt: 1, claim: 'claim', now: LATER }, state)).toBe(false);
    expect(await imports.get(key)).toEqual(ended);
  });

  it('is not written over another one, even with the claim still in the record', async () => {
    const identifier = newIdentifier();
    const { importIn, imports } = storesOf(tables);
    const key = keyOf(identifier);
    const held = await importIn('IN_PROGRESS', identifier, NOW);
    await imports.write({ ...held, status: 'ERRORED' }, held);
    const own = { key, attempt: 1, claim: 'claim', now: LATER };
    expect(await imports.finish(own, finalState('PROCESSED', identifier))).toBe(false);
  });

  it('of an import that used up its starts lists it as exhausted, and one without an error removes an old error', async () => {
    const identifier = newIdentifier();
    const { importIn, imports } = storesOf(tables);
    const key = keyOf(identifier);
    const error = importError.attemptsExhausted();
    const pending = await importIn('PENDING', identifier, NOW);
    const ended = (await imports.finishUnclaimed(pending, { status: 'ERRORED', error }, LATER))!;
    expect(ended).toMatchObject({ ...listingOf('EXHAUSTED', key, LATER), latest_error: error });
    const cancelled = await imports.finishUnclaimed(ended, { status: 'CANCELLED' }, LATER);
    expect(cancelled).toMatchObject({ status: 'CANCELLED' });
    expect(cancelled).not.toHaveProperty('latest_error');
  });

  it('without a claim ends a waiting import, if it is unchanged', async () => {
    const identifier = newIdentifier();
    const { record, imports } = storesOf(tables);
    const key = keyOf(identifier);
    await record(identifier, NOW, { taskParameters: { schedule_window_start: iso(NOW + 3600 * SECOND) } });
    const waiting = (await imports.get(key))!;
    expect(waiting).toMatchObject({ due_at: NOW + 3600 * SECOND, due_shard: expect.any(String) });
    const stale = { ...waiting, revision: waiting.revision + 1 };
    expect(await imports.finishUnclaimed(stale, { status: 'CANCELLED' }, LATER)).toBeUndefined();
    expect(await imports.get(key)).toEqual(waiting);
    const ended = await imports.finishUnclaimed(waiting, { status: 'CANCELLED' }, LATER);
    const { due_at, due_shard, ...others } = waiting;
    expect(ended).toEqual({
      ...others,
      ...listingOf('CANCELLED', key, LATER),
      status: 'CANCELLED',
      revision: 2,
      modified_at: LATER,
      history: [...waiting.history, { t: LATER, e: 'c', a: 1 }],
    });
    expect(await imports.get(key)).toEqual(ended);
  });
});

describe('a write', () => {
  it('of a first record needs that there is none, and of a next one that the last is unchanged', async () => {
    const identifier = newIdentifier();
    const { importIn, imports } = storesOf(tables);
    const key = keyOf(identifier);
    const first = await importIn('PENDING', identifier, NOW);
    expect(await imports.write({ ...first, modified_at: LATER }, undefined)).toBe(false);
    expect(await imports.get(key)).toEqual(first);
    const second = { ...first, revision: 2, modified_at: LATER };
    expect(await imports.write(second, first)).toBe(true);
    expect(await imports.write({ ...second, modified_at: NOW }, first)).toBe(false);
    expect(await imports.get(key)).toEqual(second);
  });

  it('passes on errors that are no failed condition', async () => {
    const { imports, importIn } = storesOf(tables);
    const first = await importIn('PENDING', newIdentifier(), NOW);
    await expect(imports.write({ ...first, id: '' }, undefined)).rejects.toThrow();
  });
});

describe('a removal', () => {
  it('needs that the record is unchanged since it was read, or that there was none', async () => {
    const identifier = newIdentifier();
    const { importIn, imports } = storesOf(tables);
    const key = keyOf(identifier);
    const read = await importIn('CANCELLED', identifier, NOW);
    expect(await imports.remove(key, { ...read, revision: 1 })).toBe(false);
    expect(await imports.remove(key, undefined)).toBe(false);
    expect(await imports.get(key)).toEqual(read);
    expect(await imports.remove(key, read)).toBe(true);
    expect(await imports.get(key)).toBeUndefined();
    expect(await imports.remove(key, undefined)).toBe(true);
  });
});

describe('statuses', () => {
  it('are in the order of the keys, with errors, and undefined for unknown imports', async () => {
    const { importIn, imports } = storesOf(tables);
    const [failed, unknown, cancelled] = [newIdentifier(), newIdentifier(), newIdentifier()];
    await importIn('ERRORED', failed, NOW);
    await importIn('CANCELLED', cancelled, NOW);
    expect(await imports.statuses([cancelled, unknown, failed].map(keyOf))).toEqual([
      { status: 'CANCELLED' },
      undefined,
      { status: 'ERRORED', latest_error: importError.supplyPointAlreadyExists(failed) },
    ]);
  });
});

describe('a record that expires', () => {
  const KEPT_SECONDS = 2 * 24 * 3600;
  const expiring = (now: number): Lifetime => ({ keptDays: 2, clock: () => now });

  it('has its expiry from its final status on, and is absent from then on', async () => {
    const identifier = newIdentifier();
    const key = keyOf(identifier);
    const { importIn } = storesOf(tables, expiring(NOW));
    const ended = await importIn('ERRORED', identifier, NOW);
    expect(ended.expires_at_seconds).toBe(NOW / 1000 + KEPT_SECONDS);
    expect((await importIn('PENDING', newIdentifier(), NOW)).expires_at_seconds).toBeUndefined();

    const before = storesOf(tables, expiring(NOW + (KEPT_SECONDS - 1) * SECOND));
    expect(await before.imports.get(key)).toEqual(ended);
    expect(await before.imports.remove(key, undefined)).toBe(false);
    const after = storesOf(tables, expiring(NOW + KEPT_SECONDS * SECOND));
    expect(await after.imports.get(key)).toBeUndefined();
    expect(await after.record(identifier, NOW + KEPT_SECONDS * SECOND)).toMatchObject({ attempt: 1 });
    expect(await after.item(identifier)).toMatchObject({
      status: 'PENDING',
      created_at: NOW + KEPT_SECONDS * SECOND,
    });
  });

  it('is deleted by a removal that read no record', async () => {
    const identifier = newIdentifier();
    await storesOf(tables, expiring(NOW)).importIn('ERRORED', identifier, NOW);
    const after = storesOf(tables, expiring(NOW + KEPT_SECONDS * SECOND));
    expect(await after.imports.remove(keyOf(identifier), undefined)).toBe(true);
    expect(await after.item(identifier)).toBeUndefined();
  });
});
