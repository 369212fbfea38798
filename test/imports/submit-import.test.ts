import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IMPORT_STATUSES } from '../../shared/imports/model/import-process.ts';
import { importQueue, readImportMessage } from '../../shared/imports/storage/queue.ts';
import {
  recordSubmission,
  rejectionErrors,
  SubmissionContended,
  submitImport,
} from '../../shared/imports/use-cases/submit-import.ts';
import { guideRequest } from '../support/requests.ts';
import { startTestTables } from '../support/tables.ts';
import { keptQueue, keyOf, storesOf } from './stores.ts';

let tables: Awaited<ReturnType<typeof startTestTables>>;
beforeAll(async () => {
  tables = await startTestTables();
});
afterAll(() => tables.stop());

const SECOND = 1000;
const NOW = Date.UTC(2030, 0, 7, 9);
const LATER = NOW + 60 * SECOND;
const DEFAULTS = { isDryRun: false, windowStart: null, windowEnd: null };
let taken = 0;
const newIdentifier = (): string => String(4_003_000_000 + ++taken);
const payloadOf = (identifier: string) => guideRequest({ identifier }).payload as never;
const windowIn = (seconds: number) => ({
  taskParameters: { schedule_window_start: new Date(NOW + seconds * SECOND).toISOString() },
});

const REJECTED = {
  PROCESSED: ['supply_point_import_process_already_imported', 'has already been imported'],
  IN_PROGRESS: ['supply_point_import_process_in_progress', 'is in progress'],
} as const;

describe('a second submission', () => {
  it.each(IMPORT_STATUSES)('of an import that is %s', async (status) => {
    const identifier = newIdentifier();
    const { importIn, record, imports } = storesOf(tables);
    const before = await importIn(status, identifier, NOW);
    const outcome = await record(identifier, LATER, { taskParameters: { is_dry_run: true } });
    if (status === 'PROCESSED' || status === 'IN_PROGRESS') {
      const [code, predicate] = REJECTED[status];
      const detail = `The import process with the supply point identifier ${identifier} ${predicate}.`;
      expect(outcome).toEqual({
        kind: 'rejected',
        rejection: { code, detail, supplyPointIdentifier: identifier },
      });
      expect(await imports.get(keyOf(identifier))).toEqual(before);
      return;
    }
    const attempt = status === 'PENDING' ? 1 : 2;
    const message = { key: keyOf(identifier), attempt, delaySeconds: 0 };
    expect(outcome).toEqual({ kind: 'recorded', attempt, changed: true, message });
    expect(await imports.get(keyOf(identifier))).toMatchObject({
      status: 'PENDING',
      attempt,
      is_dry_run: true,
    });
  });

  it('that is the same changes nothing, and its message is sent again', async () => {
    const identifier = newIdentifier();
    const { importIn, record, imports } = storesOf(tables);
    const before = await importIn('PENDING', identifier, NOW);
    const message = { key: keyOf(identifier), attempt: 1, delaySeconds: 0 };
    expect(await record(identifier, LATER)).toEqual({
      kind: 'recorded',
      attempt: 1,
      changed: false,
      message,
    });
    expect(await imports.get(keyOf(identifier))).toEqual(before);
  });

  it('rejection has the form of the contract', () => {
    const rejection = { code: 'duplicate_in_drop', detail: 'Twice.', supplyPointIdentifier: '4001' } as const;
    expect(rejectionErrors(rejection)).toEqual({
      non_field_errors: { detail: 'Twice.', code: 'duplicate_in_drop' },
      supply_point_identifier: '4001',
    });
  });
});

describe('a message', () => {
  it.each([
    [1, 1],
    [899.5, 900],
    [900, 900],
    [900.001, undefined],
    [7200, undefined],
  ])('for a window that opens in %d seconds has a delay of %o', async (seconds, delaySeconds) => {
    const identifier = newIdentifier();
    const recorded = await storesOf(tables).record(identifier, NOW, windowIn(seconds));
    const message = { key: keyOf(identifier), attempt: 1, delaySeconds };
    expect(recorded).toEqual({
      kind: 'recorded',
      attempt: 1,
      changed: true,
      ...(delaySeconds !== undefined && { message }),
    });
  });

  it('is sent to the queue', async () => {
    const identifier = newIdentifier();
    const queue = importQueue(tables.sqs, tables.endpoints.queues['imports']!);
    const submit = submitImport({ store: storesOf(tables).imports, queue });
    expect(await submit(payloadOf(identifier), DEFAULTS, NOW)).toEqual({
      kind: 'scheduled',
      attempt: 1,
      changed: true,
    });
    const [message, ...others] = await tables.received('imports');
    expect(others).toEqual([]);
    expect(readImportMessage(message!)).toEqual({ key: keyOf(identifier), attempt: 1 });
  });

  it('is not sent for a rejected submission, nor before the window opens', async () => {
    const { importIn, imports } = storesOf(tables);
    const [processed, waiting] = [newIdentifier(), newIdentifier()];
    await importIn('PROCESSED', processed, NOW);
    const queue = keptQueue();
    const submit = submitImport({ store: imports, queue });
    expect(await submit(payloadOf(processed), DEFAULTS, LATER)).toMatchObject({
      kind: 'rejected',
      rejection: { code: 'supply_point_import_process_already_imported' },
    });
    const later = { ...DEFAULTS, windowStart: NOW + 7200 * SECOND };
    expect(await submit(payloadOf(waiting), later, NOW)).toEqual({
      kind: 'scheduled',
      attempt: 1,
      changed: true,
    });
    expect(queue.sent).toEqual([]);
  });

  it('that cannot be sent leaves the submission accepted', async () => {
    const identifier = newIdentifier();
    const { imports, nowhere } = storesOf(tables);
    const submit = submitImport({ store: imports, queue: nowhere });
    const scheduled = { kind: 'scheduled', attempt: 1, sendError: expect.any(Error) };
    expect(await submit(payloadOf(identifier), DEFAULTS, NOW)).toEqual({ ...scheduled, changed: true });
    expect(await submit(payloadOf(identifier), DEFAULTS, NOW)).toEqual({ ...scheduled, changed: false });
  });
});

describe('a row of a drop', () => {
  const row = { drop: 'drop', offset: 100, line: 3 };

  it('that is submitted again changes nothing, whatever became of its import', async () => {
    const identifier = newIdentifier();
    const { record, imports } = storesOf(tables);
    const message = { key: keyOf(identifier), attempt: 1, delaySeconds: 0 };
    expect(await record(identifier, NOW, { row })).toEqual({
      kind: 'recorded',
      attempt: 1,
      changed: true,
      message,
    });
    expect(await record(identifier, LATER, { row })).toEqual({
      kind: 'recorded',
      attempt: 1,
      changed: false,
      message,
    });
    const pending = (await imports.get(keyOf(identifier)))!;
    expect(pending).toMatchObject({ lane: 'bulk', rows: ['drop:100:3'] });
    await imports.finishUnclaimed(pending, { status: 'CANCELLED' }, LATER);
    expect(await record(identifier, LATER, { row })).toEqual({
      kind: 'recorded',
      attempt: 1,
      changed: false,
    });
  });

  it('is rejected if another row of the drop has the same supply point', async () => {
    const identifier = newIdentifier();
    const { record } = storesOf(tables);
    await record(identifier, NOW, { row });
    expect(await record(identifier, LATER, { row: { ...row, offset: 200 } })).toEqual({
      kind: 'rejected',
      rejection: {
        code: 'duplicate_in_drop',
        detail: `The import process with the supply point identifier ${identifier} is asked for by another row of the same drop.`,
        supplyPointIdentifier: identifier,
      },
    });
  });
});

describe('concurrent submissions', () => {
  it('that are the same store one record', async () => {
    const identifier = newIdentifier();
    const { record, imports } = storesOf(tables);
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => record(identifier, NOW)));
    expect(outcomes.filter((outcome) => outcome.kind === 'recorded' && outcome.changed)).toHaveLength(1);
    expect(await imports.get(keyOf(identifier))).toMatchObject({ revision: 1, attempt: 1 });
  });

  it.each([
    [4, 'the fifth try is stored'],
    [5, 'nothing is stored'],
  ])('that come first %i times: %s', async (times) => {
    const identifier = newIdentifier();
    const { imports, record } = storesOf(tables);
    let left = times;
    let tries = 0;
    const store: typeof imports = {
      ...imports,
      async write(next, replaces) {
        tries += 1;
        if (left > 0) {
          left -= 1;
          await record(identifier, NOW, { row: { drop: `drop ${left}`, offset: 0 } });
        }
        return imports.write(next, replaces);
      },
    };
    const submission = recordSubmission(store)(payloadOf(identifier), DEFAULTS, LATER);
    if (times === 4) expect(await submission).toMatchObject({ kind: 'recorded', changed: true });
    else await expect(submission).rejects.toBeInstanceOf(SubmissionContended);
    expect(tries).toBe(5);
    expect(await imports.get(keyOf(identifier))).toMatchObject({ submitted_at: times === 4 ? LATER : NOW });
  });
});
