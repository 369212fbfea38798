import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RESEND_AFTER_SECONDS } from '../../shared/imports/model/due.ts';
import { importQueue, readImportMessage } from '../../shared/imports/storage/queue.ts';
import { processImport } from '../../shared/imports/use-cases/process-import.ts';
import { submitImport } from '../../shared/imports/use-cases/submit-import.ts';
import { sweepImports } from '../../shared/imports/use-cases/sweep-imports.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';
import { startTestTables } from '../support/tables.ts';
import { keyOf, run, storesOf } from './stores.ts';

let tables: Awaited<ReturnType<typeof startTestTables>>;
beforeAll(async () => {
  tables = await startTestTables();
});
afterAll(() => tables.stop());

const SECOND = 1000;

const dependencies = () => storesOf(tables);
const submitted = (identifier: string, now: number, taskParameters = {}) =>
  dependencies().submit(identifier, now, taskParameters);
const record = (identifier: string) => dependencies().imports.get(keyOf(identifier));

describe('an import whose message could not be sent', () => {
  it('is accepted all the same, and is PROCESSED after the sweeper sent the message', async () => {
    const identifier = identifierNumber(1);
    const now = Date.now();
    expect(await submitted(identifier, now)).toMatchObject({
      kind: 'scheduled',
      sendError: expect.any(Error),
    });
    expect(await record(identifier)).toMatchObject({ status: 'PENDING' });

    const queue = importQueue(tables.sqs, tables.endpoints.queues['imports']!);
    const queues = { endpoint: queue, bulk: dependencies().nowhere };
    const { index, swept, stores } = dependencies();
    const sweep = sweepImports({ index, records: swept, queues, suppliers: tables.registered });
    expect(await sweep(now + (RESEND_AFTER_SECONDS - 1) * SECOND)).toMatchObject({ sent: 0 });
    expect(await sweep(now + RESEND_AFTER_SECONDS * SECOND)).toMatchObject({ sent: 1 });
    expect(await sweep(now + RESEND_AFTER_SECONDS * SECOND)).toMatchObject({ sent: 0 });
    const [message] = await tables.received('imports');
    const { key, attempt } = readImportMessage(message!);
    const late = run(now + RESEND_AFTER_SECONDS * SECOND, 'late');
    expect(await processImport(stores)(key, attempt, late)).toMatchObject({ status: 'PROCESSED' });
    expect(await record(identifier)).not.toHaveProperty('due_at');
  });
});

describe('a message', () => {
  it('processed by fifty concurrent runs is finished by one', async () => {
    const identifier = identifierNumber(3);
    const now = Date.now();
    await submitted(identifier, now);
    const work = processImport(dependencies().stores);
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) => work(keyOf(identifier), 1, run(now, `claim ${index}`))),
    );
    expect(outcomes.filter(({ kind }) => kind === 'ended')).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === 'not_taken')).toHaveLength(49);
  });

  it('of an earlier attempt or an unknown import is ignored', async () => {
    const identifier = identifierNumber(4);
    const now = Date.now();
    await submitted(identifier, now);
    const work = processImport(dependencies().stores);
    expect(await work(keyOf(identifier), 2, run(now, 'a'))).toEqual({
      kind: 'not_taken',
      because: 'other_attempt',
    });
    expect(await work(keyOf('NOTHING'), 1, run(now, 'a'))).toEqual({ kind: 'not_taken', because: 'gone' });
  });
});

describe('a worker that stops', () => {
  it('after its claim leaves the import to the next delivery, once the lease has expired', async () => {
    const identifier = identifierNumber(5);
    const now = Date.now();
    await submitted(identifier, now);
    const { imports, stores } = dependencies();
    await imports.claim({ key: keyOf(identifier), attempt: 1, ...run(now, 'dead') });

    const work = processImport(stores);
    const early = run(now + 19 * SECOND, 'early');
    expect(await work(keyOf(identifier), 1, early)).toEqual({ kind: 'not_taken', because: 'held' });
    const late = run(now + 20 * SECOND, 'late');
    expect(await work(keyOf(identifier), 1, late)).toMatchObject({ kind: 'ended', status: 'PROCESSED' });
    expect(
      await imports.finish(
        { key: keyOf(identifier), attempt: 1, claim: 'dead', now },
        { status: 'DRY_RUN_SUCCEEDED' },
      ),
    ).toBe(false);
  });

  it('after it created the supply point leaves the finish to the next run', async () => {
    const identifier = identifierNumber(6);
    const now = Date.now();
    await submitted(identifier, now);
    const { stores, imports, supplyPoints } = dependencies();
    const dies = processImport({
      ...stores,
      imports: { ...imports, finish: () => Promise.reject(new Error('dead')) },
    });
    await expect(dies(keyOf(identifier), 1, run(now, 'dead'))).rejects.toThrow('dead');
    const created = await supplyPoints.get(identifier);
    expect(created).toBeDefined();

    const again = await processImport(stores)(keyOf(identifier), 1, run(now + 20 * SECOND, 'next'));
    expect(again).toMatchObject({ kind: 'ended', status: 'PROCESSED' });
    expect(await supplyPoints.get(identifier)).toEqual(created);
    expect((await record(identifier))?.kraken_identifier).toBe(created!.kraken_identifier);
  });
});

/** Submits an import whose history contains this number of resends by the sweeper. */
async function submittedLongAgo(identifier: string, now: number, sent: number, taskParameters = {}) {
  await submitted(identifier, now, taskParameters);
  const submission = (await record(identifier))!;
  const again = Array.from({ length: sent }, () => ({ t: now, e: 'a' as const, a: 1 }));
  const history = [...submission.history, ...again];
  await dependencies().imports.write(
    { ...submission, history, revision: submission.revision + 1 },
    submission,
  );
}

describe.each([0, 46, 47, 48, 49, 60])('an import that was sent again %i times', (sent) => {
  const numbered = (number: number) => identifierNumber(1000 + 10 * sent + number);

  it('is PROCESSED if a worker created its supply point and stopped before the migration closed', async () => {
    const identifier = numbered(1);
    const now = Date.now();
    await submittedLongAgo(identifier, now, sent);
    const { stores, imports } = dependencies();
    const noFinish = { ...imports, finish: () => Promise.reject(new Error('dead')) };
    const dies = processImport({ ...stores, imports: noFinish });
    await expect(dies(keyOf(identifier), 1, run(now, 'dead'))).rejects.toThrow('dead');
    await tables.registered.putSupplier({ code: 'TEST_SUPPLIER', migration: 'closed' });
    try {
      const next = await processImport(stores)(keyOf(identifier), 1, run(now + 20 * SECOND, 'next'));
      expect(next).toMatchObject({ kind: 'ended', status: 'PROCESSED' });
    } finally {
      await tables.registered.putSupplier({ code: 'TEST_SUPPLIER', migration: 'open' });
    }
    const { history, ...ended } = (await record(identifier))!;
    expect(ended).toMatchObject({ status: 'PROCESSED', kraken_identifier: expect.any(String) });
    expect(history.map(({ e }) => e).join('')).toBe(`s${'a'.repeat(sent)}ttp`);
  });

  it('is PROCESSED if it was started in its window and taken over after the window closed', async () => {
    const identifier = numbered(2);
    const now = Date.now();
    const window = { schedule_window_end: new Date(now + 60 * SECOND).toISOString() };
    await submittedLongAgo(identifier, now, sent, window);
    const { stores, imports } = dependencies();
    await imports.claim({ key: keyOf(identifier), attempt: 1, ...run(now + 59 * SECOND, 'dead') });
    await imports.claim({ key: keyOf(identifier), attempt: 1, ...run(now + 80 * SECOND, 'dead, too') });
    const next = await processImport(stores)(keyOf(identifier), 1, run(now + 120 * SECOND, 'next'));
    expect(next).toMatchObject({ kind: 'ended', status: 'PROCESSED' });
  });
});

it('an import that was started before records had started_at is taken over after its window closed', async () => {
  const identifier = identifierNumber(2000);
  const now = Date.now();
  await submitted(identifier, now, { schedule_window_end: new Date(now + 60 * SECOND).toISOString() });
  const { stores, imports } = dependencies();
  await imports.claim({ key: keyOf(identifier), attempt: 1, ...run(now, 'dead') });
  const { started_at: _, ...asWritten } = (await record(identifier))!;
  await imports.write(asWritten, (await record(identifier))!);
  const next = await processImport(stores)(keyOf(identifier), 1, run(now + 120 * SECOND, 'next'));
  expect(next).toMatchObject({ kind: 'ended', status: 'PROCESSED' });
});

it('an import whose window closed before its first start is ERRORED', async () => {
  const identifier = identifierNumber(11);
  const now = Date.now();
  const window = { schedule_window_end: new Date(now + 60 * SECOND).toISOString() };
  await submitted(identifier, now, window);
  const late = run(now + 60 * SECOND, 'late');
  expect(await processImport(dependencies().stores)(keyOf(identifier), 1, late)).toMatchObject({
    status: 'ERRORED',
    error: { code: 'schedule_window_missed' },
  });
});

it('an import whose data is no longer valid is ERRORED, and the detail names the validation endpoint', async () => {
  const identifier = identifierNumber(12);
  const now = Date.now();
  const { imports, nowhere, stores } = dependencies();
  const payload = guideRequest({ identifier }).payload as never as { accounts: { account_type: string }[] };
  payload.accounts[0]!.account_type = 'Mickey';
  const submit = submitImport({ store: imports, queue: nowhere });
  await submit(payload as never, { isDryRun: false, windowStart: null, windowEnd: null }, now);
  await processImport(stores)(keyOf(identifier), 1, run(now, 'a'));
  expect((await record(identifier))?.latest_error).toEqual({
    code: 'import_process_failed_validation',
    detail:
      'Import process validation failed during supply point creation. ' +
      'Please validate the import process to get full details of the validation errors.',
    domain: 'import_process',
  });
});
