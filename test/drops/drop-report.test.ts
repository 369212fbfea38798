import { PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { type Drop, dropSource } from '../../shared/drops/drop.ts';
import { newDrop } from '../../shared/drops/plan-drop.ts';
import { type DropBucket, withDropHost } from '../support/drops.ts';
import { SUPPLY_POINTS, send, statusOf, type TestHost } from '../support/host.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';

let host: TestHost;
let bucket: DropBucket;
withDropHost((started) => {
  ({ host, bucket } = started);
});

let numbers = 0;
/** `ordinary`: an identifier whose import is processed. `ruled`: one to which a rule of TEST_SUPPLIER for its last two digits applies. */
const ordinary = (): string => identifierNumber(730_000 + numbers++);
const ruled = (lastDigits: string): string => `4999${String(numbers++).padStart(4, '0')}${lastDigits}`;

type Task = NonNullable<Parameters<typeof guideRequest>[0]>['taskParameters'];
const row = (identifier: string, taskParameters?: Task): object =>
  guideRequest({ identifier, ...(taskParameters && { taskParameters }) });

const SUPPLY_POINT_FAILED = {
  code: 'supply_point_import_failed',
  detail: expect.any(String),
  domain: 'supply_point_import',
};

/** Two imports that error, one that errors in a dry run, an invalid row, and successful ones. */
function mixed() {
  const errored = [ruled('01'), ruled('02')];
  const dryErrored = ruled('03');
  const invalid = { payload: { ...guideRequest({ identifier: ordinary() }).payload, accounts: 1 } };
  const rows = [
    row(ordinary()),
    row(errored[0]!),
    invalid,
    row(ordinary(), { is_dry_run: true }),
    row(dryErrored, { is_dry_run: true }),
    row(errored[1]!),
    row(ordinary()),
  ];
  return { rows, errored, dryErrored };
}

const FILES: Readonly<Record<string, (rows: readonly object[]) => string>> = {
  ndjson: (rows) => rows.map((one) => JSON.stringify(one)).join('\n'),
  json: (rows) => `[${rows.map((one) => JSON.stringify(one)).join(',\n')}]`,
};

describe('the report of a finished drop', () => {
  it.each(Object.keys(FILES))('of .%s lists the errored imports and the rejected rows', async (ending) => {
    const { rows, errored, dryErrored } = mixed();
    const text = FILES[ending]!(rows);
    const name = `TEST_SUPPLIER/errored.${ending}`;
    await bucket.drop(name, text);
    const summary = await bucket.summaryOf(name);
    expect(summary).toMatchObject({
      state: 'ENDED',
      rows: { read: 7, accepted: 6, invalid: 1 },
      imports: {
        processed: 2,
        errored: 2,
        dry_run_succeeded: 1,
        dry_run_errored: 1,
        cancelled: 0,
        open: 0,
      },
    });
    expect(summary.imports).not.toHaveProperty('other');
    const failed = await bucket.failedOf(name);
    expect(failed).toEqual([
      {
        line: 2,
        offset: expect.any(Number),
        identifier: errored[0],
        outcome: 'errored',
        errors: SUPPLY_POINT_FAILED,
      },
      expect.objectContaining({ line: 3, outcome: 'invalid' }),
      expect.objectContaining({ line: 5, identifier: dryErrored, outcome: 'dry_run_errored' }),
      {
        line: 6,
        offset: expect.any(Number),
        identifier: errored[1],
        outcome: 'errored',
        errors: { ...SUPPLY_POINT_FAILED, code: 'account_import_failed', domain: 'account_import' },
      },
    ]);
    for (const { line, offset } of failed) {
      const found = Buffer.from(text).subarray(offset).toString();
      expect(found.startsWith(JSON.stringify(rows[line! - 1]))).toBe(true);
    }
    expect(summary.most_frequent_errors).toContainEqual({
      error: 'account_import: account_import_failed',
      outcome: 'errored',
      detail: expect.any(String),
      count: 1,
      lines: [6],
    });
    expect(summary.most_frequent_errors).toContainEqual(
      expect.objectContaining({ outcome: 'dry_run_errored', lines: [5] }),
    );
    expect(summary.most_frequent_errors).toHaveLength(4);
  });

  it('counts cancelled imports, but not as failures', async () => {
    const [waiting, invalid] = [ordinary(), { payload: {} }];
    const schedule_window_start = new Date(Date.now() + 3_600_000).toISOString();
    const name = 'TEST_SUPPLIER/cancelled.ndjson';
    await bucket.drop(name, FILES['ndjson']!([row(waiting, { schedule_window_start }), invalid]));
    await bucket.summaryOf(name, ['IMPORTING']);
    expect(await bucket.failedOf(name)).toMatchObject([{ line: 2, outcome: 'invalid' }]);

    const cancel = `${SUPPLY_POINTS}/TEST_SUPPLIER/${waiting}/cancel/`;
    expect((await send(host, 'POST', cancel, { token: host.token })).status).toBe(200);
    expect(await bucket.summaryOf(name, ['ENDED'], 70_000)).toMatchObject({
      imports: { processed: 0, cancelled: 1, open: 0 },
    });
    expect(await bucket.failedOf(name)).toMatchObject([{ line: 2, outcome: 'invalid' }]);
  }, 80_000);
});

it('rules that make the create endpoint refuse a request do not apply to drops', async () => {
  const name = 'TEST_SUPPLIER/refused.ndjson';
  const refused = [ruled('29'), ruled('53')];
  const answer = await send(host, 'POST', `${SUPPLY_POINTS}/`, { token: host.token, json: row(refused[0]!) });
  expect(answer.status).toBe(429);
  await bucket.drop(name, FILES['ndjson']!(refused.map((identifier) => row(identifier))));
  expect(await bucket.summaryOf(name)).toMatchObject({ rows: { accepted: 2 }, imports: { processed: 2 } });
});

describe('the summary of a drop with fields that are not in the contract', () => {
  const customer = { given_name: 'Mickey', familyname: 'Mouse', 'Mickey Mouse': 1 };
  const rows = () => {
    const { payload } = guideRequest({ identifier: ordinary() });
    const [account] = payload['accounts'] as { customers: object[] }[];
    const [known] = account!.customers;
    const accounts = [
      { ...account, customers: [known, { ...known, ...customer }, { ...known, ...customer }] },
    ];
    return [
      row(ordinary()),
      { ...row(ordinary()), task_params: { dry_run: true } },
      { payload: { ...payload, accounts } },
      // A bare payload, which has no field `task_params`.
      { ...guideRequest({ identifier: ordinary() }).payload, task_params: { is_dry_run: true } },
      { payload: { is_dry_run: true, supply_point: { is_dry_run: true } }, task_params: { dry_run: true } },
    ];
  };

  it.each(Object.keys(FILES))(
    'of .%s lists them with counts and first lines, without names that may be personal data',
    async (ending) => {
      const name = `TEST_SUPPLIER/ignored.${ending}`;
      await bucket.drop(name, FILES[ending]!(rows()));
      const summary = await bucket.summaryOf(name);
      expect(summary).toMatchObject({ state: 'ENDED', rows: { read: 5, accepted: 4, invalid: 1 } });
      expect(summary.ignored_fields).toEqual([
        { field: 'task_params.dry_run', count: 2, lines: [2, 5] },
        { field: 'payload.accounts.*.customers.*.familyname', count: 1, lines: [3] },
        { field: 'payload.task_params', count: 1, lines: [4] },
        { field: 'payload.is_dry_run', count: 1, lines: [5] },
        { field: 'payload.supply_point.is_dry_run', count: 1, lines: [5] },
      ]);
      expect(summary.ignored_fields_not_listed).toBe(0);
      expect(JSON.stringify(summary)).not.toMatch(/Mickey|Mouse/);
    },
  );

  it('lists the most frequent ones, counts the others, and keeps them when the drop is finished', async () => {
    const name = 'TEST_SUPPLIER/many-ignored.ndjson';
    const many = Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`extra_${index}`, 1]));
    await bucket.drop(name, JSON.stringify({ ...row(ordinary()), ...many }));
    const summary = await bucket.summaryOf(name);
    expect(summary.ignored_fields).toHaveLength(50);
    expect(summary.ignored_fields[49]).toEqual({ field: 'extra_49', count: 1, lines: [1] });
    expect(summary.ignored_fields_not_listed).toBe(20);
  });
});

describe('wrong codes', () => {
  it('are quoted if they are not personal data, and valid codes are suggested', async () => {
    const name = 'TEST_SUPPLIER/codes.ndjson';
    const wrong = structuredClone(guideRequest({ identifier: ordinary() }));
    const [account] = wrong.payload['accounts'] as Record<string, unknown>[];
    account!['account_type'] = 'BUSINES';
    const [customer] = account!['customers'] as Record<string, unknown>[];
    customer!['account_roles'] = ['ADMN'];
    await bucket.drop(name, JSON.stringify(wrong));
    const { most_frequent_errors } = await bucket.summaryOf(name);
    const [failed] = await bucket.failedOf(name);
    const type = 'accounts.0.account_type';
    const role = 'accounts.0.customers.0.account_roles.0';
    expect(failed).toMatchObject({
      errors: {
        accounts: {
          0: {
            account_type: ['"BUSINES" is not a valid choice.'],
            customers: { 0: { account_roles: { 0: ['… is not a valid choice.'] } } },
          },
        },
      },
    });
    expect(failed!.suggestions).toMatchObject({
      [type]: [{ code: 'BUSINESS', name: 'Business' }, {}, {}],
      [role]: [{ code: 'ADMIN', name: 'Admin' }, {}, {}],
    });
    expect(most_frequent_errors).toMatchObject([
      {
        error: 'accounts.*.account_type: "BUSINES" is not a valid choice.',
        suggestions: failed!.suggestions![type],
      },
      {
        error: 'accounts.*.customers.*.account_roles.*: … is not a valid choice.',
        suggestions: failed!.suggestions![role],
      },
    ]);
  });
});

describe('the data of an earlier version', () => {
  /** The drop's item, its part's objects and the message in the earlier formats. One of the two imports errored. */
  it('is processed to the end: imports are listed without lines, and rows as before', async () => {
    const [errored, processed] = [ruled('01'), ordinary()];
    for (const identifier of [errored, processed]) {
      const answer = await send(host, 'POST', `${SUPPLY_POINTS}/`, {
        token: host.token,
        json: row(identifier),
      });
      expect(answer.status).toBe(201);
      await statusOf(host, identifier, ['PROCESSED', 'ERRORED']);
    }
    const now = Date.now();
    const source = dropSource(bucket.Bucket, 'drops/TEST_SUPPLIER/earlier.ndjson', 'etag', new Date(now));
    const { dry_run_succeeded, dry_run_errored, cancelled, ...drop } = newDrop(source, 3000, 1_000_000, now);
    const part = { part: 0, run: 'run', lines: 4, counts: { ...counts(drop), rows: 4, accepted: 2 } };
    const counted = { ...part.counts, invalid: 1, already_imported: 1 };
    const TableName = host.endpoints.tables['drop-records']!;
    const Item = { ...drop, ...counted, state: 'IMPORTING', read_at: now, parts_done: new Set([0]) };
    await host.dynamodb.send(new PutCommand({ TableName, Item: { ...Item, item: 'drop' } }));
    const partItem = { ...part, counts: counted, id: drop.id, item: 'part#000000' };
    await host.dynamodb.send(new PutCommand({ TableName, Item: partItem }));
    const put = (ending: string, Body: string) => {
      const Key = `parts/${drop.id}/000000-run.${ending}`;
      return bucket.client.send(new PutObjectCommand({ Bucket: bucket.Bucket, Key, Body }));
    };
    await put('accepted', `${errored}\n${processed}`);
    await put('errors', JSON.stringify([{ error: 'some: error', count: 1, lines: [1] }]));
    await put(
      'failed',
      `1\t{"offset":0,"outcome":"invalid","errors":{}}\n2\t{"offset":9,"identifier":"4001","outcome":"already_imported","errors":{}}\n`,
    );
    const endings = { processed: 0, errored: 0, other: 0 };
    const follow = { task: 'follow', drop: drop.id, part: 0, from: 0, endings, waits: 0 };
    const QueueUrl = host.endpoints.queues['drop-tasks']!;
    await host.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(follow) }));

    const name = 'TEST_SUPPLIER/earlier.ndjson';
    expect(await bucket.summaryOf(name)).toMatchObject({
      state: 'ENDED',
      imports: { processed: 1, errored: 1, open: 0 },
      most_frequent_errors: [
        { error: 'some: error', count: 1, lines: [1] },
        { error: 'supply_point_import: supply_point_import_failed', count: 1, lines: [] },
      ],
    });
    expect(await bucket.failedOf(name)).toMatchObject([
      { line: null, offset: null, identifier: errored, outcome: 'errored', errors: SUPPLY_POINT_FAILED },
      { line: 1, outcome: 'invalid' },
    ]);
    expect(await bucket.failedOf(name, 'already_imported.ndjson')).toMatchObject([{ line: 2, offset: 9 }]);
  });
});

const counts = ({ rows, accepted, already_imported, in_progress, duplicate, invalid }: CountedDrop) => ({
  rows,
  accepted,
  already_imported,
  in_progress,
  duplicate,
  invalid,
});
type CountedDrop = Pick<
  Drop,
  'rows' | 'accepted' | 'already_imported' | 'in_progress' | 'duplicate' | 'invalid'
>;
