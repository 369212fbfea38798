import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STARTED_MS_MIN, STARTS_MAX } from '../../shared/imports/model/starts.ts';
import { exhaustImport } from '../../shared/imports/use-cases/exhaust-import.ts';
import { processImport } from '../../shared/imports/use-cases/process-import.ts';
import { krakenIdentifier } from '../../shared/supply-points/kraken-identifier.ts';
import { useUpStarts } from '../support/imports.ts';
import { identifierNumber } from '../support/requests.ts';
import { startTestTables } from '../support/tables.ts';
import { keyOf, run, storesOf } from './stores.ts';

let tables: Awaited<ReturnType<typeof startTestTables>>;
beforeAll(async () => {
  tables = await startTestTables();
});
afterAll(() => tables.stop());

const SECOND = 1000;
const HOUR = 3600 * SECOND;

const dependencies = () => storesOf(tables);
const submitted = (identifier: string, now: number, taskParameters = {}) =>
  dependencies().submit(identifier, now, taskParameters);
const record = (identifier: string) => dependencies().imports.get(keyOf(identifier));

describe('an import that fails at each start', () => {
  const MINUTE = 60 * SECOND;
  /** Workers that stop after their claim, a minute apart. */
  async function startAndDie(identifier: string, now: number, times: number) {
    for (let time = 0; time < times; time += 1)
      await dependencies().imports.claim({
        key: keyOf(identifier),
        attempt: 1,
        ...run(now + time * MINUTE, `dead ${time}`),
      });
  }
  const work = (identifier: string, at: number) =>
    processImport(dependencies().stores)(keyOf(identifier), 1, run(at, 'last'));
  const USED_UP = { kind: 'ended', status: 'ERRORED', error: { code: 'import_attempts_exhausted' } };

  it('is finished by the next worker after five starts in fifteen minutes', async () => {
    const identifier = identifierNumber(3001);
    const now = Date.now();
    await submitted(identifier, now);
    await startAndDie(identifier, now, STARTS_MAX);
    expect(await work(identifier, now + STARTED_MS_MIN)).toMatchObject(USED_UP);
    expect(await dependencies().supplyPoints.get(identifier)).toBeUndefined();
  });

  it.each([
    ['four starts, however long ago the first was', STARTS_MAX - 1, STARTED_MS_MIN + HOUR],
    ['five starts in less time, as in an outage that passes', STARTS_MAX, STARTED_MS_MIN - 1],
  ])('is tried again after %s', async (_, starts, lastAfterMs) => {
    const identifier = identifierNumber(3010 + starts);
    const now = Date.now();
    await submitted(identifier, now);
    await startAndDie(identifier, now, starts);
    expect(await work(identifier, now + lastAfterMs)).toMatchObject({ status: 'PROCESSED' });
  });

  it('is PROCESSED all the same if one of the starts created its supply point', async () => {
    const identifier = identifierNumber(3020);
    const now = Date.now();
    await submitted(identifier, now);
    const { stores, imports } = dependencies();
    const noFinish = { ...imports, finish: () => Promise.reject(new Error('dead')) };
    await processImport({ ...stores, imports: noFinish })(keyOf(identifier), 1, run(now, 'a')).catch(
      () => {},
    );
    await startAndDie(identifier, now + MINUTE, STARTS_MAX);
    expect(await work(identifier, now + STARTED_MS_MIN)).toMatchObject({ status: 'PROCESSED' });
  });

  it('has a new count of starts when it is submitted again', async () => {
    const identifier = identifierNumber(3030);
    const now = Date.now();
    await submitted(identifier, now);
    await startAndDie(identifier, now, STARTS_MAX);
    await work(identifier, now + STARTED_MS_MIN);
    await submitted(identifier, now + HOUR);
    expect(await record(identifier)).toMatchObject({ status: 'PENDING', attempt: 2 });
    expect(await record(identifier)).not.toHaveProperty('starts');
  });
});

describe('an import whose message used up its deliveries', () => {
  const exhaust = (identifier: string, now: number) =>
    exhaustImport(dependencies().stores)(keyOf(identifier), 1, now);

  it('stays open if no delivery reached a worker, and fails with schedule_window_missed after its window closed', async () => {
    const identifier = identifierNumber(3040);
    const now = Date.now();
    await submitted(identifier, now, { schedule_window_end: new Date(now + HOUR).toISOString() });
    expect(await exhaust(identifier, now + HOUR - 1)).toEqual({ kind: 'left_open' });
    expect(await record(identifier)).toMatchObject({ status: 'PENDING' });
    expect(await exhaust(identifier, now + HOUR)).toMatchObject({
      kind: 'ended',
      error: { code: 'schedule_window_missed' },
    });
  });

  it('is ERRORED when its starts are used up, and can be submitted again', async () => {
    const identifier = identifierNumber(7);
    const now = Date.now();
    await submitted(identifier, now);
    await useUpStarts(tables, keyOf(identifier));
    expect(await exhaust(identifier, now + HOUR)).toMatchObject({ kind: 'ended', status: 'ERRORED' });
    expect(await record(identifier)).toMatchObject({ latest_error: { code: 'import_attempts_exhausted' } });
    expect(await exhaust(identifier, now + HOUR)).toMatchObject({ kind: 'nothing_to_do', because: 'ended' });
    expect(await submitted(identifier, now + HOUR)).toMatchObject({ kind: 'scheduled', attempt: 2 });
  });

  it('is not finished while a worker holds its lease', async () => {
    const identifier = identifierNumber(8);
    const now = Date.now();
    await submitted(identifier, now);
    await dependencies().imports.claim({ key: keyOf(identifier), attempt: 1, ...run(now, 'alive') });
    expect(await exhaust(identifier, now)).toEqual({ kind: 'look_again' });
  });

  it('is PROCESSED if a run created its supply point and did not finish', async () => {
    const identifier = identifierNumber(9);
    const now = Date.now();
    await submitted(identifier, now);
    await useUpStarts(tables, keyOf(identifier));
    const { payload } = (await record(identifier))!;
    await dependencies().supplyPoints.create({
      identifier,
      kraken_identifier: krakenIdentifier(identifier),
      import_supplier: 'TEST_SUPPLIER',
      attempt: 1,
      created_at: now,
      payload: payload as Uint8Array<ArrayBuffer>,
    });
    expect(await exhaust(identifier, now + HOUR)).toMatchObject({ kind: 'ended', status: 'PROCESSED' });
  });
});
