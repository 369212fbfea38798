import { describe, expect, it } from 'vitest';
import { decideCancellation, decideRetry } from '../../shared/imports/model/decide-action.ts';
import { endEntry } from '../../shared/imports/model/history.ts';
import { importError } from '../../shared/imports/model/import-errors.ts';
import {
  IMPORT_STATUSES,
  type ImportProcess,
  type ImportStatus,
} from '../../shared/imports/model/import-process.ts';
import { packPayload } from '../../shared/imports/model/packed-payload.ts';
import {
  decideSubmission,
  isFinal,
  pendingRecord,
  TRANSITIONS,
} from '../../shared/imports/model/transitions.ts';

const NOW = Date.UTC(2026, 0, 5, 9);
const SECOND = 1000;
const submission = {
  key: { importSupplier: 'TEST_SUPPLIER', externalIdentifier: '4001248530' },
  payload: packPayload({ a: 1 }),
  taskParameters: { isDryRun: false, windowStart: NOW + SECOND, windowEnd: NOW + 2 * SECOND },
  now: NOW,
};

/** An import that was submitted or retried at NOW and got this status ten seconds later. */
function inStatus(status: ImportStatus, begunBy: 's' | 'y' = 's'): ImportProcess {
  const record = pendingRecord(submission, undefined, begunBy);
  const at = NOW + 10 * SECOND;
  const error = importError.scheduleWindowMissed();
  return isFinal(status)
    ? {
        ...record,
        status,
        modified_at: at,
        latest_error: error,
        history: [...record.history, endEntry(status as 'ERRORED', error, 1, at)],
      }
    : { ...record, status };
}

const retry = (record: ImportProcess, receivedAt = NOW + 20 * SECOND) =>
  decideRetry(record, receivedAt + SECOND, receivedAt);

describe('a cancellation', () => {
  it.each(
    IMPORT_STATUSES.map((status) => {
      const expected = { PENDING: 'write', CANCELLED: 'unchanged' } as Partial<Record<ImportStatus, string>>;
      return [status, expected[status] ?? 'impossible'] as const;
    }),
  )('of an import that is %s: %s', (status, decision) => {
    expect(decideCancellation(inStatus(status))).toBe(decision);
    if (decision === 'write') expect(TRANSITIONS[status]).toContain('CANCELLED');
  });
});

describe('a retry', () => {
  it.each(
    IMPORT_STATUSES.map((status) => {
      const isErrored = status === 'ERRORED' || status === 'DRY_RUN_ERRORED';
      return [status, isErrored ? 'write' : 'impossible'] as const;
    }),
  )('of a submitted import that is %s: %s', (status, decision) => {
    expect(retry(inStatus(status)).kind).toBe(decision);
    if (decision === 'write') expect(TRANSITIONS[status]).toContain('PENDING');
  });

  it.each([
    ['PENDING', 'unchanged'],
    ['IN_PROGRESS', 'unchanged'],
    ['PROCESSED', 'impossible'],
    ['ERRORED', 'write'],
    ['CANCELLED', 'impossible'],
  ] as const)('of a retried import that is %s: %s', (status, decision) => {
    expect(retry(inStatus(status, 'y')).kind).toBe(decision);
  });

  it.each(IMPORT_STATUSES)(
    'that arrived before the retried attempt became %s, or in the same millisecond, counts as a repeat',
    (status) => {
      expect(retry(inStatus(status, 'y'), NOW + 10 * SECOND)).toEqual({ kind: 'unchanged' });
      expect(retry(inStatus(status, 'y'), NOW + SECOND)).toEqual({ kind: 'unchanged' });
    },
  );

  it('starts another attempt with the same payload and kind of run, in the default window from now on', () => {
    for (const isDryRun of [false, true]) {
      const taskParameters = { ...submission.taskParameters, isDryRun };
      const existing: ImportProcess = {
        ...inStatus(isDryRun ? 'DRY_RUN_ERRORED' : 'ERRORED'),
        ...{ is_dry_run: isDryRun, lane: 'bulk', rows: ['drop:0'] },
      };
      expect(taskParameters.windowStart).toBe(existing.window_start);
      const now = NOW + 60 * SECOND;
      const decision = decideRetry(existing, now, now);
      if (decision.kind !== 'write') throw new Error(decision.kind);
      const { window_start, window_end, latest_error, lane } = decision.record;
      expect({ window_start, window_end, latest_error, lane }).toEqual({});
      expect(decision.record).toMatchObject({
        status: 'PENDING',
        attempt: 2,
        revision: existing.revision + 1,
        created_at: NOW,
        submitted_at: now,
        is_dry_run: isDryRun,
        payload: existing.payload,
        rows: ['drop:0'],
        history: [...existing.history, { t: now, e: 'y', a: 2 }],
      });
    }
  });

  it('can be replaced by a submission while it waits, and no longer counts as a retry then', () => {
    const replaced = decideSubmission(inStatus('PENDING', 'y'), {
      ...submission,
      payload: packPayload({ a: 2 }),
    });
    if (replaced.kind !== 'write') throw new Error(replaced.kind);
    expect(retry(replaced.record)).toEqual({ kind: 'impossible' });
  });
});
