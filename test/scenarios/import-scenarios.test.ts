import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImportStatus } from '../../shared/imports/model/import-process.ts';
import type { ImportQueue, QueuedImport } from '../../shared/imports/storage/queue.ts';
import { processImport } from '../../shared/imports/use-cases/process-import.ts';
import { redriveImports } from '../../shared/imports/use-cases/redrive-imports.ts';
import { retryImport } from '../../shared/imports/use-cases/retry-import.ts';
import { importScenarios } from '../../shared/scenarios/import-scenarios.ts';
import type { Scenario } from '../../shared/scenarios/scenario.ts';
import { keyOf, storesOf } from '../imports/stores.ts';
import { startTestTables } from '../support/tables.ts';
import { DOCUMENTED } from './documented.ts';

let tables: Awaited<ReturnType<typeof startTestTables>>;
beforeAll(async () => {
  tables = await startTestTables();
});
afterAll(() => tables.stop());

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Returns real stores, a worker with these rules, and a queue that only records messages, so that the test is the only worker. */
function simulation(rules: readonly Scenario[] = DOCUMENTED) {
  const stores = storesOf(tables);
  const { imports, supplyPoints } = stores;
  const sent: QueuedImport[] = [];
  const queue: ImportQueue = {
    async send(messages) {
      sent.push(...messages);
    },
  };
  const work = processImport({
    imports,
    supplyPoints,
    suppliers: tables.registered,
    scenarios: importScenarios({ scenariosOf: async () => rules, imports, queue }),
  });
  return {
    ...stores,
    sent,
    queue,
    run: (identifier: string, now: number, attempt = 1) =>
      work(keyOf(identifier), attempt, { now, leaseUntil: now + 20 * SECOND, claim: randomUUID() }),
    isCreated: async (identifier: string) => (await supplyPoints.get(identifier)) !== undefined,
    status: async (identifier: string): Promise<ImportStatus | undefined> =>
      (await imports.get(keyOf(identifier)))?.status,
    retry: (identifier: string, now: number) =>
      retryImport({ imports, queue })(keyOf(identifier), { now, receivedAt: now }),
  };
}
const now = Date.now();
const dryRun = { is_dry_run: true };

describe('an import for which a rule sets an error', () => {
  it.each([
    ['4999100001', {}, { status: 'ERRORED', error: { domain: 'supply_point_import' } }],
    ['4999100002', {}, { status: 'ERRORED', error: { domain: 'account_import' } }],
    ['4999100003', dryRun, { status: 'DRY_RUN_ERRORED', error: { domain: 'account_import' } }],
  ])('%s %j ends with the error and creates nothing', async (identifier, taskParameters, ending) => {
    const { submit, run, isCreated, imports, sent } = simulation();
    await submit(identifier, now, taskParameters);
    expect(await run(identifier, now)).toMatchObject({ kind: 'ended', ...ending });
    expect(await imports.get(keyOf(identifier))).toMatchObject({
      status: ending.status,
      latest_error: { ...ending.error, code: expect.any(String), detail: expect.any(String) },
    });
    expect(await isCreated(identifier)).toBe(false);
    expect(sent).toEqual([]);
  });

  it('for the first attempt succeeds at the second', async () => {
    const identifier = '4999100004';
    const { submit, run, isCreated, retry } = simulation();
    await submit(identifier, now);
    expect(await run(identifier, now)).toMatchObject({ status: 'ERRORED' });
    expect(await isCreated(identifier)).toBe(false);
    expect(await retry(identifier, now + SECOND)).toMatchObject({ kind: 'done', record: { attempt: 2 } });
    expect(await run(identifier, now + SECOND, 2)).toMatchObject({ kind: 'ended', status: 'PROCESSED' });
    expect(await isCreated(identifier)).toBe(true);
  });

  it('import_attempts_exhausted can be redriven', async () => {
    const identifier = '4999100005';
    const { submit, run, imports, index, queue } = simulation();
    await submit(identifier, now);
    expect(await run(identifier, now)).toMatchObject({ error: { code: 'import_attempts_exhausted' } });
    const redrive = redriveImports({ imports, index, queue });
    expect(await redrive('TEST_SUPPLIER', now + SECOND)).toMatchObject({ redriven: 1 });
    expect(await run(identifier, now + SECOND, 2)).toMatchObject({ status: 'PROCESSED' });
  });

  it('succeeds as a dry run, and a rule for dry runs does not change imports', async () => {
    const { submit, run } = simulation();
    await submit('4999200001', now, dryRun);
    expect(await run('4999200001', now)).toMatchObject({ status: 'DRY_RUN_SUCCEEDED' });
    await submit('4999200003', now);
    expect(await run('4999200003', now)).toMatchObject({ status: 'PROCESSED' });
  });

  it('is PROCESSED when an earlier run created the supply point and died', async () => {
    const identifier = '4999200002';
    const { submit, run, imports, supplyPoints } = simulation();
    await submit(identifier, now);
    const died = { claim: 'dead', now, leaseUntil: now + 20 * SECOND };
    const { claimed } = await imports.claim({ key: keyOf(identifier), attempt: 1, ...died });
    await supplyPoints.create({
      identifier,
      kraken_identifier: 'theirs',
      import_supplier: 'TEST_SUPPLIER',
      attempt: 1,
      created_at: now,
      payload: claimed!.payload!,
    });
    expect(await run(identifier, now + MINUTE)).toMatchObject({ kind: 'ended', status: 'PROCESSED' });
  });

  it('is finished by one of twenty concurrent runs, and nothing is created', async () => {
    const identifier = '4999300001';
    const { submit, run, isCreated } = simulation();
    await submit(identifier, now);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => run(identifier, now)));
    expect(outcomes.filter(({ kind }) => kind === 'ended')).toHaveLength(1);
    expect(await isCreated(identifier)).toBe(false);
  });
});

describe('a delayed import', () => {
  const identifier = '4999100006';

  it('stays PENDING until its delay is over, whoever sends its message', async () => {
    const { submit, run, status, sent, isCreated } = simulation();
    await submit(identifier, now);
    expect(await run(identifier, now)).toEqual({ kind: 'put_off', seconds: 5 });
    expect(await run(identifier, now + 1.5 * SECOND)).toEqual({ kind: 'put_off', seconds: 4 });
    expect(await run(identifier, now + 4999)).toEqual({ kind: 'put_off', seconds: 1 });
    expect(await status(identifier)).toBe('PENDING');
    expect(await isCreated(identifier)).toBe(false);
    expect(sent).toEqual(
      [5, 4, 1].map((delaySeconds) => ({ key: keyOf(identifier), attempt: 1, delaySeconds })),
    );
    expect(await run(identifier, now + 5 * SECOND)).toMatchObject({ kind: 'ended', status: 'PROCESSED' });
    expect(await run(identifier, now + 5 * SECOND)).toMatchObject({ kind: 'not_taken', because: 'ended' });
    expect(sent).toHaveLength(3);
  });

  it('is delayed from the start of its window', async () => {
    const waiting = '4999200006';
    const start = now + 10 * MINUTE;
    const { submit, run, sent } = simulation();
    await submit(waiting, now, { schedule_window_start: new Date(start).toISOString() });
    expect(await run(waiting, now)).toMatchObject({ kind: 'not_taken', because: 'too_early' });
    expect(sent).toEqual([]);
    expect(await run(waiting, start)).toEqual({ kind: 'put_off', seconds: 5 });
    expect(await run(waiting, start + 5 * SECOND)).toMatchObject({ status: 'PROCESSED' });
  });

  it('misses a window that closes before its delay is over', async () => {
    const late = '4999300006';
    const { submit, run, isCreated } = simulation();
    await submit(late, now, { schedule_window_end: new Date(now + 2 * SECOND).toISOString() });
    expect(await run(late, now)).toEqual({ kind: 'put_off', seconds: 5 });
    expect(await run(late, now + 5 * SECOND)).toMatchObject({ error: { code: 'schedule_window_missed' } });
    expect(await isCreated(late)).toBe(false);
  });

  it('can fail after its delay, and is delayed again when it is retried', async () => {
    const failing = '4999100007';
    const { submit, run, retry } = simulation();
    await submit(failing, now);
    expect(await run(failing, now)).toEqual({ kind: 'put_off', seconds: 5 });
    expect(await run(failing, now + 5 * SECOND)).toMatchObject({ status: 'ERRORED' });
    await retry(failing, now + MINUTE);
    expect(await run(failing, now + MINUTE, 2)).toEqual({ kind: 'put_off', seconds: 5 });
    expect(await run(failing, now + MINUTE, 1)).toMatchObject({
      kind: 'not_taken',
      because: 'other_attempt',
    });
  });
});

it('an import without a rule is processed as usual', async () => {
  const { submit, run } = simulation([]);
  await submit('4999400001', now);
  expect(await run('4999400001', now)).toMatchObject({ kind: 'ended', status: 'PROCESSED' });
});
