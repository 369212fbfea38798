import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { registry } from '../../shared/suppliers/registry.ts';
import { type DropBucket, withDropHost } from '../support/drops.ts';
import type { TestHost } from '../support/host.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';

let host: TestHost;
let bucket: DropBucket;
withDropHost((started) => {
  ({ host, bucket } = started);
});

let numbers = 0;
const nextIdentifier = (): string => {
  numbers += 1;
  return identifierNumber(600_000 + numbers);
};
const line = (change: Parameters<typeof guideRequest>[0] = {}): string =>
  JSON.stringify(guideRequest({ identifier: nextIdentifier(), ...change }));

describe('a refused drop', () => {
  it.each([
    ['of an unknown supplier', 'NOBODY/a.ndjson', 'unknown_import_supplier'],
    ['of a closed supplier', 'CLOSED_SUPPLIER/a.ndjson', 'import_supplier_migration_not_ongoing'],
    ['of no supplier', 'a.ndjson', 'no_import_supplier'],
    ['of an unsupported kind', 'TEST_SUPPLIER/a.xlsx', 'unknown_kind_of_file'],
    ['without a file extension', 'TEST_SUPPLIER/ndjson', 'unknown_kind_of_file'],
  ])('%s has a report with the reason', async (_, name, code) => {
    await bucket.drop(name, line());
    expect(await bucket.summaryOf(name)).toMatchObject({
      state: 'REFUSED',
      problem: { code, detail: expect.stringMatching(/\.$/) },
      rows: { read: 0 },
    });
  });
});

it('a drop with a very long key has a report under a shortened key', async () => {
  const name = `TEST_SUPPLIER/${'x'.repeat(990)}.csv`;
  await bucket.drop(name, line());
  const shortened = expect.stringMatching(/^reports\/TEST_SUPPLIER\/x{586}~[\w-]{16}\/[^/]+\/summary.json$/);
  await expect.poll(() => bucket.reports('TEST_SUPPLIER'), { timeout: 25_000 }).toContainEqual(shortened);
});

describe('a drop that cannot be read completely', () => {
  it.each<[string, string, string | Uint8Array, number, RegExp]>([
    ['not gzip', 'x.ndjson.gz', 'not gzip', 0, /gzip/i],
    ['an incomplete array', 'x.json', '[1, 2', 1, /./],
    ['a header without column names', 'x.csv', ',,\n1,2,3', 0, /header|column/i],
  ])('%s: reports the problem and counts the rows before it', async (_, name, body, read, detail) => {
    await bucket.drop(`TEST_SUPPLIER/unreadable/${name}`, body);
    const summary = await bucket.summaryOf(`TEST_SUPPLIER/unreadable/${name}`);
    expect(summary).toMatchObject({ state: 'FAILED', rows: { read } });
    expect(summary.problem).toEqual({ code: 'unreadable', detail: expect.stringMatching(detail) });
  });

  it('truncated gzip: imports the rows before the truncation', async () => {
    const whole = gzipSync(Array.from({ length: 40 }, () => line()).join('\n'), { level: 0 });
    await bucket.drop('TEST_SUPPLIER/cut.ndjson.gz', whole.subarray(0, whole.length - 6_000));
    const summary = await bucket.summaryOf('TEST_SUPPLIER/cut.ndjson.gz');
    expect(summary).toMatchObject({ state: 'FAILED', problem: { code: 'unreadable' } });
    expect(summary.rows.accepted).toBeGreaterThan(30);
    expect(summary.imports.processed).toBe(summary.rows.accepted);
  });
});

describe('a CSV file with unknown columns', () => {
  const file = (identifier: string) =>
    [
      'import_supplier,supply_point.identifier,supply_point.supply_type,is_dry_run',
      `TEST_SUPPLIER,${identifier},ELECTRICITY_DISTRIBUTION,true`,
    ].join('\n');

  it('is refused, unless its first line allows unknown columns', async () => {
    await bucket.drop('TEST_SUPPLIER/unknown.csv', file(nextIdentifier()));
    const summary = await bucket.summaryOf('TEST_SUPPLIER/unknown.csv');
    expect(summary).toMatchObject({
      state: 'FAILED',
      rows: { read: 0 },
      problem: { code: 'unknown_columns' },
    });
    expect(summary.problem!.detail).toContain('is_dry_run (task_params.is_dry_run?)');
    await bucket.drop('TEST_SUPPLIER/ignored.csv', `# ignore-unknown-columns\n${file(nextIdentifier())}`);
    expect(await bucket.summaryOf('TEST_SUPPLIER/ignored.csv')).toMatchObject({
      state: 'ENDED',
      rows: { accepted: 1 },
      ignored_fields: [{ field: 'payload.is_dry_run', count: 1, lines: [3] }],
    });
  });

  it('is accepted if the import supplier’s registry entry allows unknown columns', async () => {
    const suppliers = registry(host.dynamodb, host.endpoints.tables['registry']!);
    await suppliers.changeSupplier('TEST_SUPPLIER', { ignores_unknown_columns: true });
    await bucket.drop('TEST_SUPPLIER/allowed.csv', file(nextIdentifier()));
    const summary = await bucket.summaryOf('TEST_SUPPLIER/allowed.csv');
    await suppliers.changeSupplier('TEST_SUPPLIER', { ignores_unknown_columns: false });
    expect(summary).toMatchObject({ state: 'ENDED', rows: { accepted: 1 } });
  });

  it('the five-column example is accepted', async () => {
    const example = readFileSync(join(import.meta.dirname, '../../examples/five-columns.csv'), 'utf8');
    await bucket.drop('TEST_SUPPLIER/five-columns.csv', example);
    expect(await bucket.summaryOf('TEST_SUPPLIER/five-columns.csv')).toMatchObject({
      state: 'ENDED',
      rows: { read: 2, accepted: 2 },
      imports: { dry_run_succeeded: 1, processed: 1 },
    });
  });
});

describe('a gzip file', () => {
  it('followed by other data: imports the rows before it', async () => {
    const name = 'TEST_SUPPLIER/junk.ndjson.gz';
    await bucket.drop(name, Buffer.concat([gzipSync(`${line()}\n${line()}\n`), Buffer.from('junk')]));
    const summary = await bucket.summaryOf(name);
    expect(summary).toMatchObject({ state: 'FAILED', rows: { accepted: 2 }, imports: { processed: 2 } });
    expect(summary.problem).toEqual({
      code: 'unreadable',
      detail: expect.stringMatching(/^After the gzip data, at byte \d+, the file has something else\./),
    });
  });

  it('with a wrong checksum: imports no row, because any may be wrong', async () => {
    const name = 'TEST_SUPPLIER/checksum.ndjson.gz';
    const file = gzipSync(Array.from({ length: 600 }, () => line()).join('\n'));
    file[file.length - 8]! ^= 1;
    await bucket.drop(name, file);
    const summary = await bucket.summaryOf(name);
    expect(summary).toMatchObject({ state: 'FAILED', rows: { read: 0 } });
    expect(summary.problem).toMatchObject({
      code: 'unreadable',
      detail: expect.stringContaining('checksum'),
    });
  });

  it('that exceeds the compression ratio: stops reading', async () => {
    const name = 'TEST_SUPPLIER/bomb.ndjson.gz';
    await bucket.drop(name, gzipSync(`${line()}\n${'\n'.repeat(2_000_000)}`));
    const summary = await bucket.summaryOf(name);
    expect(summary).toMatchObject({ state: 'FAILED', rows: { accepted: 1 }, imports: { processed: 1 } });
    expect(summary.problem).toEqual({
      code: 'unreadable',
      detail: 'The gzip file unpacks to more than 300 times its size. Drop it unpacked.',
    });
  });
});

describe('a repeated drop', () => {
  it('with repeated, late and unordered notifications is imported and reported once', async () => {
    const name = 'TEST_SUPPLIER/told/twice.ndjson';
    await bucket.drop(name, [line(), '{', line()].join('\n'));
    const summary = await bucket.summaryOf(name);
    const records = [
      { s3: { bucket: { name: bucket.Bucket }, object: { key: `drops/${name}` } } },
      { s3: { bucket: { name: bucket.Bucket }, object: { key: 'drops/TEST_SUPPLIER/gone.ndjson' } } },
    ];
    const QueueUrl = host.endpoints.queues['drop-notifications']!;
    for (const Records of [records, records]) {
      await host.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify({ Records }) }));
    }
    await expect
      .poll(() => host.logs('drop-planner').filter((entry) => entry.includes('"kind":"known"')).length, {
        timeout: 10_000,
      })
      .toBeGreaterThanOrEqual(2);
    expect(await bucket.summaryOf(name)).toEqual(summary);
    // The corrected file is written after the end.
    await expect.poll(() => bucket.reports(name), { timeout: 60_000 }).toHaveLength(3);
    expect(await bucket.reports('TEST_SUPPLIER/gone.ndjson')).toEqual([]);
  });

  it('under another name reports its rows as already imported', async () => {
    const text = [line(), line()].join('\n');
    await bucket.drop('TEST_SUPPLIER/again/1.ndjson', text);
    await bucket.summaryOf('TEST_SUPPLIER/again/1.ndjson');
    await bucket.drop('TEST_SUPPLIER/again/2.ndjson', text);
    expect(await bucket.summaryOf('TEST_SUPPLIER/again/2.ndjson')).toMatchObject({
      state: 'ENDED',
      rows: { read: 2, accepted: 0, already_imported: 2 },
      most_frequent_errors: [],
    });
    expect(await bucket.failedOf('TEST_SUPPLIER/again/2.ndjson')).toEqual([]);
    expect(await bucket.failedOf('TEST_SUPPLIER/again/2.ndjson', 'already_imported.ndjson')).toMatchObject([
      { line: 1, offset: 0, outcome: 'already_imported' },
      { line: 2, outcome: 'already_imported', identifier: expect.stringMatching(/^400/) },
    ]);
    expect(await bucket.reports('TEST_SUPPLIER/again/1.ndjson')).toHaveLength(2);
  });
});

describe('rows', () => {
  it('of another supplier, or with task parameters, have the same outcome as at the endpoint', async () => {
    const text = [
      line({ supplier: 'CLOSED_SUPPLIER' }),
      line({ taskParameters: { is_dry_run: true } }),
      line({ taskParameters: { schedule_window_start: '2020-01-01T00:00:00Z' } }),
    ].join('\n');
    await bucket.drop('TEST_SUPPLIER/parameters.ndjson', text);
    expect(await bucket.summaryOf('TEST_SUPPLIER/parameters.ndjson')).toMatchObject({
      rows: { read: 3, accepted: 1, invalid: 2 },
      imports: { processed: 0, dry_run_succeeded: 1, open: 0 },
    });
    const failed = await bucket.failedOf('TEST_SUPPLIER/parameters.ndjson');
    expect(failed.map(({ line }) => line)).toEqual([1, 3]);
    expect(failed[1]!.errors).toMatchObject({ task_params: expect.anything() });
  });

  it('that exceed the request limit have the endpoint’s error, and the next row is read', async () => {
    const long = JSON.stringify({ payload: 'x'.repeat(3 * 1024 * 1024) });
    await bucket.drop('TEST_SUPPLIER/long.ndjson', [line(), long, line()].join('\n'));
    expect(await bucket.summaryOf('TEST_SUPPLIER/long.ndjson')).toMatchObject({
      rows: { read: 3, accepted: 2, invalid: 1 },
    });
    const [failed] = await bucket.failedOf('TEST_SUPPLIER/long.ndjson');
    expect(failed).toMatchObject({
      line: 2,
      errors: { detail: 'Request body exceeds 262144 bytes.', code: 'request_too_large' },
    });
  });

  it('whose errors exceed the response limit have the endpoint’s error', async () => {
    const accounts = `{"accounts":[${'{},'.repeat(80_000)}{}]}`;
    await bucket.drop('TEST_SUPPLIER/errors.ndjson', [accounts, line(), accounts].join('\n'));
    expect(await bucket.summaryOf('TEST_SUPPLIER/errors.ndjson')).toMatchObject({
      state: 'ENDED',
      rows: { read: 3, accepted: 1, invalid: 2 },
    });
    const failed = await bucket.failedOf('TEST_SUPPLIER/errors.ndjson');
    const errors = { detail: 'The errors exceed 2097152 bytes.', code: 'too_many_errors' };
    expect(failed).toMatchObject([
      { line: 1, errors },
      { line: 3, errors },
    ]);
  });

  it('are absent from an empty file, which is a valid drop', async () => {
    await bucket.drop('TEST_SUPPLIER/empty.ndjson', '');
    expect(await bucket.summaryOf('TEST_SUPPLIER/empty.ndjson')).toMatchObject({
      state: 'ENDED',
      problem: null,
      rows: { read: 0 },
    });
  });
});

it('the summary is available while imports are open', async () => {
  const name = 'TEST_SUPPLIER/window.ndjson';
  const later = new Date(Date.now() + 3_600_000).toISOString();
  await bucket.drop(name, line({ taskParameters: { schedule_window_start: later } }));
  expect(await bucket.summaryOf(name, ['IMPORTING'])).toMatchObject({
    rows: { read: 1, accepted: 1 },
    imports: { processed: 0, open: 1 },
    times: { ended: null },
  });
});
