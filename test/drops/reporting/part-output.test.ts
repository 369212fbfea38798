import { expect, it } from 'vitest';
import { type Drop, noFinalStates, noRows } from '../../../shared/drops/drop.ts';
import { objectStore } from '../../../shared/drops/objects.ts';
import {
  erroredOutput,
  partOutput,
  type ReportedRow,
  readErroredRows,
  readFailedRows,
} from '../../../shared/drops/reporting/part-output.ts';
import { type DropBucket, withDropHost } from '../../support/drops.ts';

let bucket: DropBucket;
withDropHost((started) => {
  ({ bucket } = started);
});

it.each([
  ['lists all rows up to its limit', 'a', 10, 10_000, 10, undefined],
  ['lists rows only up to its limit and has a problem', 'b', 10, 400, 4, 'failed_rows_not_listed'],
])('a part %s', async (_, id, rows, bytesMax, listed, problem) => {
  const drop = { id, bucket: bucket.Bucket } as Drop;
  const output = partOutput(objectStore(bucket.client), drop, { part: 0, run: 'run' }, bytesMax);
  for (let line = 1; line <= rows; line += 1) {
    await output.add(line, line * 10, { kind: 'invalid', errors: { accounts: ['This field is required.'] } });
  }
  expect((await output.close([], { fields: [], others: 0 }))?.code).toBe(problem);
  const lines = (await bucket.text(`parts/${id}/000000-run.failed`)).split('\n').filter(Boolean);
  expect(lines.map((line) => Number(line.split('\t')[0]))).toStrictEqual(
    Array.from({ length: listed }, (_, index) => index + 1),
  );
});

it('line separators in a row do not split lines of the report', async () => {
  const objects = objectStore(bucket.client);
  const drop = { id: 'c', bucket: bucket.Bucket } as Drop;
  const run = { part: 0, run: 'run' };
  const error = { code: 'some_code', detail: 'one\u2028two\u2029three', domain: 'import_process' } as const;
  const errors = { non_field_errors: error };
  const output = partOutput(objects, drop, run);
  await output.add(1, 0, { kind: 'in_progress', identifier: '1', errors });
  await output.close([], { fields: [], others: 0 });
  const errored = erroredOutput(objects, drop, run);
  await errored.add({ identifier: '2', line: 2, offset: 9 }, 'errored', error);
  await errored.close();

  const part = { ...run, counts: { ...noRows(), rows: 2, accepted: 1, in_progress: 1 } };
  const rows: ReportedRow[] = [];
  for await (const row of readFailedRows(objects, drop, part, 10)) rows.push(row);
  for await (const row of readErroredRows(objects, drop, { ...run, endings: noFinalStates() }, 10))
    rows.push(row);
  expect(rows.map(({ text }) => JSON.parse(text))).toEqual([
    { line: 11, offset: 0, identifier: '1', outcome: 'in_progress', errors },
    { line: 12, offset: 9, identifier: '2', outcome: 'errored', errors: error },
  ]);
  for (const { text } of rows) expect(text.split(/[\n\u2028\u2029]/)).toHaveLength(2);
});
