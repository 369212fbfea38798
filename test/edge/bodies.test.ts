import { describe, expect, it } from 'vitest';
import {
  conflictBody,
  createdBody,
  historyBody,
  listBody,
  statusBody,
} from '../../functions/edge/imports/bodies.ts';
import { readCursor } from '../../functions/edge/imports/cursor.ts';
import { importError } from '../../shared/imports/model/import-errors.ts';
import type { ImportProcess } from '../../shared/imports/model/import-process.ts';
import { packPayload } from '../../shared/imports/model/packed-payload.ts';

const NOW = Date.UTC(2026, 0, 5, 9);
const DAY = 86_400_000;
const error = importError.scheduleWindowMissed();
const record: ImportProcess = {
  id: 'TEST_SUPPLIER#2000000001',
  status: 'ERRORED',
  attempt: 1,
  revision: 3,
  created_at: NOW,
  modified_at: NOW + 1000,
  submitted_at: NOW,
  is_dry_run: false,
  latest_error: error,
  listing: 'TEST_SUPPLIER#ERRORED#1',
  listed_at: '1767603600000#2000000001',
  history: [
    { t: NOW, e: 's', a: 1 },
    { t: NOW + 1000, e: 'e', a: 1, x: error },
  ],
};
const status = {
  status: 'ERRORED',
  kraken_identifier: null,
  created_at: '2026-01-05T20:00:00.000000+11:00',
  modified_at: '2026-01-05T20:00:01.000000+11:00',
  latest_error: error,
};

describe('the body', () => {
  it('of a status has five keys, with null for those without a value', () => {
    const { latest_error: _, ...succeeded } = {
      ...record,
      status: 'PROCESSED' as const,
      kraken_identifier: 'k',
    };
    expect(statusBody(record, 'Australia/Sydney')).toEqual(status);
    expect(statusBody(succeeded, 'UTC')).toEqual({
      status: 'PROCESSED',
      kraken_identifier: 'k',
      created_at: '2026-01-05T09:00:00.000000+00:00',
      modified_at: '2026-01-05T09:00:01.000000+00:00',
      latest_error: null,
    });
  });

  it.each([['ERRORED' as const], [undefined]])(
    'of a list filtered by %s has a cursor of that list',
    (filter) => {
      const query = { importSupplier: 'TEST_SUPPLIER', status: filter, pageSize: 1, after: undefined };
      const page = { records: [record], next: '1767603600000#2000000001' };
      const { results, next_cursor } = listBody(page, query, 'Australia/Sydney');
      expect(results).toEqual([{ external_identifier: '2000000001', ...status }]);
      expect(readCursor(next_cursor!)).toEqual({
        supplier: 'TEST_SUPPLIER',
        status: filter ?? null,
        after: page.next,
      });
    },
  );

  it('of the last page of a list has no cursor', () => {
    const query = { importSupplier: 'TEST_SUPPLIER', status: undefined, pageSize: 1, after: undefined };
    expect(listBody({ records: [], next: undefined }, query, 'UTC')).toEqual({
      results: [],
      next_cursor: null,
    });
  });

  it('of a history has the window and the events', () => {
    expect(historyBody({ ...record, window_start: NOW + DAY }, [], 'UTC')).toEqual({
      drops: [],
      is_dry_run: false,
      schedule_window_start: '2026-01-06T09:00:00.000000+00:00',
      schedule_window_end: '2026-01-09T09:00:00.000000+00:00',
      results: [
        {
          at: '2026-01-05T09:00:00.000000+00:00',
          event: 'submitted',
          attempt: 1,
          status: 'PENDING',
          error: null,
        },
        { at: '2026-01-05T09:00:01.000000+00:00', event: 'ended', attempt: 1, status: 'ERRORED', error },
      ],
    });
  });

  it('of a supply point has its attributes and data', () => {
    const stored = {
      identifier: '2000000001',
      kraken_identifier: 'k',
      import_supplier: 'TEST_SUPPLIER',
      attempt: 2,
      created_at: NOW,
      payload: packPayload({ import_supplier: 'TEST_SUPPLIER', accounts: [] }),
    };
    expect(createdBody(stored, 'UTC')).toEqual({
      kraken_identifier: 'k',
      attempt: 2,
      created_at: '2026-01-05T09:00:00.000000+00:00',
      import_supplier: 'TEST_SUPPLIER',
      accounts: [],
    });
  });

  it.each(['cancelled', 'retried', 'erased'] as const)('of a conflict says why it cannot be %s', (action) => {
    expect(conflictBody(action, record)).toEqual({
      detail: `The import process with the supply point identifier 2000000001 is ERRORED and cannot be ${action}.`,
      code: `import_process_cannot_be_${action}`,
      status: 'ERRORED',
    });
  });
});
