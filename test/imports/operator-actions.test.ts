import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RESEND_SLOW_AFTER_SECONDS } from '../../shared/imports/model/due.ts';
import type { Outcome } from '../../shared/imports/model/history.ts';
import { importError } from '../../shared/imports/model/import-errors.ts';
import { IMPORT_STATUSES, type ImportStatus } from '../../shared/imports/model/import-process.ts';
import type { ImportQueue } from '../../shared/imports/storage/queue.ts';
import type { ImportStore } from '../../shared/imports/storage/store.ts';
import { cancelImport } from '../../shared/imports/use-cases/cancel-import.ts';
import { retryImport } from '../../shared/imports/use-cases/retry-import.ts';
import { SubmissionContended } from '../../shared/imports/use-cases/submit-import.ts';
import { startTestTables } from '../support/tables.ts';
import { keptQueue, keyOf, run, storesOf } from './stores.ts';

let tables: Awaited<ReturnType<typeof startTestTables>>;
beforeAll(async () => {
  tables = await startTestTables();
});
afterAll(() => tables.stop());

const SECOND = 1000;
const NOW = Date.UTC(2030, 0, 7, 9);
const LATER = NOW + 60 * SECOND;
const TRIES_MAX = 5;
let taken = 0;
const newIdentifier = (): string => String(4_005_000_000 + ++taken);

/** A store in which another write comes before each of the first `times` writes of an action. Counts reads. */
function contended(times: number, change: (identifier: string) => Promise<unknown>) {
  const { imports } = storesOf(tables);
  const counted = { reads: 0 };
  const store: ImportStore = {
    ...imports,
    async get(key) {
      const found = await imports.get(key);
      counted.reads += 1;
      if (counted.reads <= times) await change(key.externalIdentifier);
      return found;
    },
  };
  return { store, counted };
}

function cancelWith(change: { imports?: ImportStore; queue?: ImportQueue; publishError?: Error } = {}) {
  const published: (Outcome | undefined)[] = [];
  const events = {
    async publish(outcome: Outcome | undefined) {
      if (change.publishError !== undefined) throw change.publishError;
      published.push(outcome);
    },
  };
  const queue = keptQueue();
  const cancel = cancelImport({ imports: storesOf(tables).imports, events, queue, ...change });
  return { cancel, published, sent: queue.sent };
}

describe('a cancellation', () => {
  it('finishes a PENDING import, publishes the outcome, and leaves a late message for a worker to do so', async () => {
    const identifier = newIdentifier();
    const key = keyOf(identifier);
    const { importIn, imports } = storesOf(tables);
    await importIn('PENDING', identifier, NOW);
    const { cancel, published, sent } = cancelWith();
    const outcome = await cancel(key, LATER);
    const record = await imports.get(key);
    expect(outcome).toEqual({ kind: 'done', record, changed: true });
    expect(record).toMatchObject({ status: 'CANCELLED', modified_at: LATER });
    expect(published).toEqual([{ key, attempt: 1, status: 'CANCELLED', endedAt: LATER }]);
    expect(sent).toEqual([{ key, attempt: 1, delaySeconds: 60 }]);
    expect(await cancel(key, LATER + SECOND)).toEqual({ kind: 'done', record, changed: false });
    expect([published.length, sent.length]).toEqual([1, 1]);
  });

  it.each(IMPORT_STATUSES.filter((status) => status !== 'PENDING' && status !== 'CANCELLED'))(
    'of an import that is %s changes nothing',
    async (status) => {
      const identifier = newIdentifier();
      const record = await storesOf(tables).importIn(status, identifier, NOW);
      const { cancel, published, sent } = cancelWith();
      expect(await cancel(keyOf(identifier), LATER)).toEqual({ kind: 'impossible', record });
      expect([published, sent]).toEqual([[], []]);
    },
  );

  it('of an unknown import does nothing', async () => {
    expect(await cancelWith().cancel(keyOf(newIdentifier()), NOW)).toEqual({ kind: 'unknown' });
  });

  it('cancels nothing if its message cannot be sent', async () => {
    const identifier = newIdentifier();
    const { importIn, imports, nowhere } = storesOf(tables);
    const before = await importIn('PENDING', identifier, NOW);
    await expect(cancelWith({ queue: nowhere }).cancel(keyOf(identifier), LATER)).rejects.toThrow();
    expect(await imports.get(keyOf(identifier))).toEqual(before);
  });

  it('is done although its outcome cannot be published', async () => {
    const identifier = newIdentifier();
    await storesOf(tables).importIn('PENDING', identifier, NOW);
    const publishError = new Error('no bus');
    expect(await cancelWith({ publishError }).cancel(keyOf(identifier), LATER)).toMatchObject({
      kind: 'done',
      changed: true,
      record: { status: 'CANCELLED' },
      publishError,
    });
  });

  it.each([
    ['was the last submission', { drop: 'one', offset: 5 }, 'done'],
    ['is another row', { drop: 'one', offset: 6 }, 'impossible'],
    ['is of another drop', { drop: 'two', offset: 5 }, 'impossible'],
  ])('for a row that %s', async (_, row, kind) => {
    const identifier = newIdentifier();
    await storesOf(tables).record(identifier, NOW, { row: { drop: 'one', offset: 5 } });
    expect(await cancelWith().cancel(keyOf(identifier), LATER, row)).toMatchObject({ kind });
  });

  it('for a row whose import was submitted to the endpoint meanwhile is impossible', async () => {
    const identifier = newIdentifier();
    const row = { drop: 'one', offset: 5 };
    const { record } = storesOf(tables);
    await record(identifier, NOW, { row });
    await record(identifier, NOW, { taskParameters: { is_dry_run: true } });
    expect(await cancelWith().cancel(keyOf(identifier), LATER, row)).toMatchObject({ kind: 'impossible' });
  });

  it('is impossible if a worker claims the import first', async () => {
    const identifier = newIdentifier();
    const { importIn, imports } = storesOf(tables);
    await importIn('PENDING', identifier, NOW);
    const { store, counted } = contended(1, () =>
      imports.claim({ key: keyOf(identifier), attempt: 1, ...run(NOW, 'first') }),
    );
    expect(await cancelWith({ imports: store }).cancel(keyOf(identifier), LATER)).toMatchObject({
      kind: 'impossible',
      record: { status: 'IN_PROGRESS', claim: 'first' },
    });
    expect(counted.reads).toBe(2);
  });

  it.each([TRIES_MAX - 1, TRIES_MAX])('before which other writes come %i times', async (times) => {
    const identifier = newIdentifier();
    const { importIn, imports, record } = storesOf(tables);
    await importIn('PENDING', identifier, NOW);
    let isDryRun = false;
    const { store, counted } = contended(times, () => {
      isDryRun = !isDryRun;
      return record(identifier, NOW, { taskParameters: { is_dry_run: isDryRun } });
    });
    const cancellation = cancelWith({ imports: store }).cancel(keyOf(identifier), LATER);
    if (times < TRIES_MAX) expect(await cancellation).toMatchObject({ kind: 'done', changed: true });
    else await expect(cancellation).rejects.toBeInstanceOf(SubmissionContended);
    expect(counted.reads).toBe(TRIES_MAX);
    const status: ImportStatus = times < TRIES_MAX ? 'CANCELLED' : 'PENDING';
    expect(await imports.get(keyOf(identifier))).toMatchObject({ status });
  });
});

describe('a retry', () => {
  const at = (now: number) => ({ now, receivedAt: now });

  it.each(['ERRORED', 'DRY_RUN_ERRORED'] as const)(
    'of an import that is %s starts a new attempt',
    async (status) => {
      const identifier = newIdentifier();
      const key = keyOf(identifier);
      const { importIn, imports } = storesOf(tables);
      const before = await importIn(status, identifier, NOW);
      const queue = keptQueue();
      const retry = retryImport({ imports, queue });
      const outcome = await retry(key, at(LATER));
      const record = await imports.get(key);
      expect(outcome).toEqual({ kind: 'done', record, changed: true });
      expect(record).toMatchObject({
        status: 'PENDING',
        attempt: 2,
        submitted_at: LATER,
        payload: before.payload,
      });
      expect(record).not.toHaveProperty('latest_error');
      expect(queue.sent).toEqual([{ key, attempt: 2, delaySeconds: 0 }]);
      expect(await retry(key, at(LATER + SECOND))).toEqual({ kind: 'done', record, changed: false });
      expect(queue.sent).toHaveLength(1);
    },
  );

  it.each(IMPORT_STATUSES.filter((status) => !status.endsWith('ERRORED')))(
    'of an import that is %s changes nothing',
    async (status) => {
      const identifier = newIdentifier();
      const { importIn, imports } = storesOf(tables);
      const record = await importIn(status, identifier, NOW);
      const queue = keptQueue();
      const outcome = await retryImport({ imports, queue })(keyOf(identifier), at(LATER));
      expect(outcome).toEqual({ kind: 'impossible', record });
      expect(queue.sent).toEqual([]);
    },
  );

  it('of an unknown import does nothing', async () => {
    const { imports, nowhere } = storesOf(tables);
    const outcome = await retryImport({ imports, queue: nowhere })(keyOf(newIdentifier()), at(NOW));
    expect(outcome).toEqual({ kind: 'unknown' });
  });

  it('received before the attempt of an earlier retry failed is a repeat', async () => {
    const identifier = newIdentifier();
    const key = keyOf(identifier);
    const { importIn, imports } = storesOf(tables);
    await importIn('ERRORED', identifier, NOW);
    const retry = retryImport({ imports, queue: keptQueue() });
    await retry(key, at(LATER));
    const error = importError.scheduleWindowMissed();
    await imports.finishUnclaimed((await imports.get(key))!, { status: 'ERRORED', error }, LATER + 10);
    const repeat = await retry(key, { now: LATER + 20, receivedAt: LATER + 10 });
    expect(repeat).toMatchObject({ kind: 'done', changed: false, record: { attempt: 2 } });
    const next = await retry(key, { now: LATER + 20, receivedAt: LATER + 11 });
    expect(next).toMatchObject({
      kind: 'done',
      changed: true,
      record: { attempt: 3, submitted_at: LATER + 20 },
    });
  });

  it('is done although its message cannot be sent, and the sweeper finds the import', async () => {
    const identifier = newIdentifier();
    const { importIn, imports, nowhere, index } = storesOf(tables);
    await importIn('ERRORED', identifier, NOW);
    const outcome = await retryImport({ imports, queue: nowhere })(keyOf(identifier), at(LATER));
    expect(outcome).toMatchObject({ kind: 'done', changed: true, sendError: expect.any(Error) });
    const { listing } = (await imports.get(keyOf(identifier)))!;
    const overdue = LATER + RESEND_SLOW_AFTER_SECONDS * SECOND;
    const { entries } = await index.unfinished(listing, overdue, { limit: 100 });
    expect(entries.map(({ id }) => id)).toContain(`TEST_SUPPLIER#${identifier}`);
  });

  it('that nine others precede starts no attempt', async () => {
    const identifier = newIdentifier();
    const { importIn, imports } = storesOf(tables);
    await importIn('ERRORED', identifier, NOW);
    const queue = keptQueue();
    const retry = retryImport({ imports, queue });
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => retry(keyOf(identifier), at(LATER))));
    expect(outcomes.filter((outcome) => outcome.kind === 'done' && outcome.changed)).toHaveLength(1);
    expect(queue.sent).toHaveLength(1);
    expect(await imports.get(keyOf(identifier))).toMatchObject({ attempt: 2 });
  });
});
