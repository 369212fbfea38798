import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  IMPORT_STATUSES,
  type ImportProcess,
  type ImportStatus,
} from '../../shared/imports/model/import-process.ts';
import { packPayload } from '../../shared/imports/model/packed-payload.ts';
import {
  decideSubmission,
  isFinal,
  type Submission,
  startTimeOf,
  TRANSITIONS,
  windowEndOf,
} from '../../shared/imports/model/transitions.ts';

const NOW = Date.UTC(2026, 0, 5, 9);
const MINUTE = 60_000;
const key = { importSupplier: 'TEST_SUPPLIER', externalIdentifier: '4001248530' };
const immediately = { isDryRun: false, windowStart: null, windowEnd: null };

const submission = (change: Partial<Submission> = {}): Submission => ({
  key,
  payload: packPayload({ a: 1 }),
  taskParameters: immediately,
  now: NOW,
  ...change,
});

function written(existing: ImportProcess | undefined, change: Partial<Submission> = {}): ImportProcess {
  const decision = decideSubmission(existing, submission(change));
  if (decision.kind !== 'write') throw new Error(`The decision was ${decision.kind}.`);
  return decision.record;
}

const inStatus = (status: ImportStatus): ImportProcess => ({ ...written(undefined), status });

describe('a submission', () => {
  it('starts the first attempt of a new import process', () => {
    expect(written(undefined)).toMatchObject({
      id: 'TEST_SUPPLIER#4001248530',
      status: 'PENDING',
      attempt: 1,
      revision: 1,
      created_at: NOW,
      modified_at: NOW,
    });
  });

  it('is rejected if the supply point was imported or is being imported', () => {
    expect(decideSubmission(inStatus('PROCESSED'), submission())).toEqual({
      kind: 'rejected',
      because: 'already_imported',
    });
    expect(decideSubmission(inStatus('IN_PROGRESS'), submission())).toEqual({
      kind: 'rejected',
      because: 'in_progress',
    });
  });

  it('changes nothing if an identical submission is waiting, at any time', () => {
    const waiting = written(undefined);
    expect(decideSubmission(waiting, submission({ now: NOW + MINUTE }))).toEqual({
      kind: 'unchanged',
      record: waiting,
    });
  });

  it.each([
    ['payload', { payload: packPayload({ a: 2 }) }],
    ['dry run', { taskParameters: { ...immediately, isDryRun: true } }],
    ['window start', { taskParameters: { ...immediately, windowStart: NOW + MINUTE } }],
    ['window end', { taskParameters: { ...immediately, windowEnd: NOW + MINUTE } }],
  ])('replaces the waiting submission if its %s differs', (_, change) => {
    const waiting = written(undefined);
    const replaced = written(waiting, { ...change, now: NOW + MINUTE });
    expect(replaced).toMatchObject({ attempt: 1, revision: 2, created_at: NOW, modified_at: NOW + MINUTE });
  });

  it.each(['ERRORED', 'DRY_RUN_SUCCEEDED', 'DRY_RUN_ERRORED', 'CANCELLED'] as const)(
    'starts another attempt after one that is %s, and removes its error',
    (status) => {
      const ended: ImportProcess = {
        ...inStatus(status),
        latest_error: { code: 'c', detail: 'd', domain: 'import_process' },
      };
      const again = written(ended, { now: NOW + MINUTE });
      expect(again).toMatchObject({ status: 'PENDING', attempt: 2, created_at: NOW });
      expect(again.latest_error).toBeUndefined();
    },
  );

  it('continues the history: submitted, replaced, submitted again', () => {
    const waiting = written(undefined);
    const replaced = written(waiting, { payload: packPayload({ a: 2 }), now: NOW + MINUTE });
    const again = written({ ...replaced, status: 'CANCELLED' }, { now: NOW + 2 * MINUTE });
    expect(again.history).toEqual([
      { t: NOW, e: 's', a: 1 },
      { t: NOW + MINUTE, e: 'r', a: 1 },
      { t: NOW + 2 * MINUTE, e: 's', a: 2 },
    ]);
  });

  it('remembers the latest ten rows of drops', () => {
    const inDrop = (number: number) => ({ drop: `drop-${number}`, offset: number });
    const afterRows = (rows: number): ImportProcess | undefined =>
      Array.from({ length: rows }, (_, number) => inDrop(number)).reduce<ImportProcess | undefined>(
        (existing, row) => written(existing, { row }),
        undefined,
      );
    const rowsFrom = (first: number, end: number) =>
      Array.from({ length: end - first }, (_, index) => `drop-${first + index}:${first + index}`);
    expect(afterRows(10)?.rows).toEqual(rowsFrom(0, 10));
    expect(afterRows(12)?.rows).toEqual(rowsFrom(2, 12));
    const record = afterRows(12)!;
    expect(decideSubmission(record, submission({ row: inDrop(2) }))).toEqual({ kind: 'unchanged', record });
    // A repeated delivery of a row that is no longer remembered is a new submission.
    expect(decideSubmission(record, submission({ row: inDrop(1) })).kind).toBe('write');
    expect(written(record, { payload: packPayload({ a: 2 }) }).rows).toEqual(rowsFrom(2, 12));
  });

  it('of a second row of a drop for the same supply point is a duplicate', () => {
    const inDrop = (drop: string, offset: number) => ({ row: { drop, offset } });
    const record = written(written(undefined, inDrop('b', 7)), inDrop('a', 5));
    const duplicate = { kind: 'rejected', because: 'duplicate' };
    expect(decideSubmission(record, submission(inDrop('a', 5)))).toEqual({ kind: 'unchanged', record });
    expect(decideSubmission(record, submission(inDrop('a', 6)))).toEqual(duplicate);
    expect(decideSubmission(record, submission(inDrop('b', 5)))).toEqual(duplicate);
    expect(decideSubmission({ ...record, status: 'PROCESSED' }, submission(inDrop('a', 6)))).toEqual(
      duplicate,
    );
    expect(written(record, inDrop('c', 5)).rows).toEqual(['b:7', 'a:5', 'c:5']);
  });

  it('uses the queue of its source', () => {
    const row = { drop: 'a', offset: 5 };
    expect(written(undefined, { row })).toMatchObject({ lane: 'bulk', rows: ['a:5'] });
    expect(written(undefined, { row }).listing).toMatch(/#SLOW#/);
    const ofEndpoint = written(undefined);
    expect(ofEndpoint.listing).toMatch(/#OPEN#/);
    expect(Object.keys(ofEndpoint)).not.toContain('lane');
    expect(Object.keys(ofEndpoint)).not.toContain('rows');
    expect(written(written(undefined, { row }), { payload: packPayload({ a: 2 }) })).not.toHaveProperty(
      'lane',
    );
  });

  it('moves the import to the front of the open ones, and out of the due index', () => {
    const start = NOW + 60 * MINUTE;
    const waiting = written(undefined, { taskParameters: { ...immediately, windowStart: start } });
    expect(waiting).toMatchObject({ listing: expect.stringContaining('#WAITING#'), due_at: start });
    const replaced = written(waiting, { now: NOW + MINUTE });
    expect(replaced).toMatchObject({ listing: expect.stringContaining('#OPEN#') });
    expect(replaced.listed_at > waiting.listed_at).toBe(true);
    expect(replaced).not.toHaveProperty('due_at');
  });

  it('makes only transitions of the table', () => {
    fc.assert(
      fc.property(fc.constantFrom(...IMPORT_STATUSES), fc.boolean(), (status, isDryRun) => {
        const decision = decideSubmission(
          inStatus(status),
          submission({ taskParameters: { ...immediately, isDryRun } }),
        );
        if (decision.kind === 'write') expect(TRANSITIONS[status]).toContain(decision.record.status);
        if (decision.kind === 'unchanged') expect(status).toBe('PENDING');
      }),
    );
  });
});

describe('the schedule window', () => {
  it('opens at the submission and closes four days later by default', () => {
    const record = written(undefined);
    expect(startTimeOf(record)).toBe(NOW);
    expect(windowEndOf(record)).toBe(NOW + 4 * 24 * 60 * MINUTE);
  });

  it('is the requested one', () => {
    const windowed = { isDryRun: false, windowStart: NOW + MINUTE, windowEnd: NOW + 2 * MINUTE };
    const record = written(undefined, { taskParameters: windowed });
    expect([startTimeOf(record), windowEndOf(record)]).toEqual([NOW + MINUTE, NOW + 2 * MINUTE]);
  });
});

it('leads every status to an end: none but the final ones stays for ever', () => {
  for (const status of IMPORT_STATUSES) {
    expect(isFinal(status) || TRANSITIONS[status].some(isFinal)).toBe(true);
  }
});
