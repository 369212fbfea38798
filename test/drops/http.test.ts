import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DropBody, DropStatusBody, FailedRowsBody } from '../../functions/edge/drops/bodies.ts';
import { dropBucket } from '../support/drops.ts';
import { type Reply, SUPPLY_POINTS, send, startTestHost, type TestHost } from '../support/host.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';

let host: TestHost;
let bucket: ReturnType<typeof dropBucket>;
let tokens: Record<'viewer' | 'importer' | 'operator' | 'stranger', string>;
beforeAll(async () => {
  host = await startTestHost();
  bucket = dropBucket(host);
  tokens = {
    viewer: await host.tokenFor(['TEST_SUPPLIER'], { role: 'viewer' }),
    importer: await host.tokenFor(['TEST_SUPPLIER', 'CLOSED_SUPPLIER'], { role: 'importer' }),
    operator: await host.tokenFor(['TEST_SUPPLIER', 'CLOSED_SUPPLIER'], { role: 'operator' }),
    stranger: await host.tokenFor(['CLOSED_SUPPLIER'], { role: 'operator' }),
  };
});
afterAll(async () => {
  bucket.client.destroy();
  await host.stop();
});

let numbers = 0;
const nextIdentifier = (): string => {
  numbers += 1;
  return identifierNumber(540_000 + numbers);
};
const line = (identifier: string, taskParameters = {}): string =>
  JSON.stringify(guideRequest({ identifier, taskParameters }));
const invalidLine = (identifier: string): string =>
  JSON.stringify({ payload: { ...guideRequest({ identifier }).payload, accounts: 1 } });

type Caller = keyof typeof tokens;
const DROPS = `${SUPPLY_POINTS}/TEST_SUPPLIER/drops/`;
const get = (path: string, caller: Caller = 'viewer') => send(host, 'GET', path, { token: tokens[caller] });
const post = (path: string, caller: Caller, json?: unknown) =>
  send(host, 'POST', path, { token: tokens[caller], ...(json === undefined ? {} : { json }) });
const bodyOf = <Body>(reply: Reply): Body => {
  expect(reply.status, reply.text).toBe(200);
  return reply.body as Body;
};

/** Waits until the newest drop of a name is in one of these states. */
async function dropOf(
  name: string,
  states: readonly DropBody['state'][] = ['ENDED'],
): Promise<DropStatusBody> {
  let found: DropBody | undefined;
  const state = async () => {
    const { results } = bodyOf<{ results: DropBody[] }>(await get(`${DROPS}?page_size=100`));
    found = results.find((drop) => drop.name === name);
    return found?.state;
  };
  await expect.poll(state, { timeout: 60_000, interval: 50 }).toSatisfy((is) => states.includes(is));
  return bodyOf(await get(`${DROPS}${found!.drop}/`));
}

type Presigned = { method: string; url: string; headers: Record<string, string> };
type UploadBody = {
  upload: Presigned;
  multipart: { parts: (Presigned & { bytes: number })[] } & Record<string, Presigned>;
};

/** Asks for an upload, and sends the file as the answer says. */
async function uploadFile(name: string, body: string): Promise<Response> {
  const asked = await post(DROPS, 'importer', { name, bytes: Buffer.byteLength(body) });
  expect(asked.status, asked.text).toBe(201);
  const { method, url, headers } = (asked.body as UploadBody).upload;
  return fetch(url, { method, headers, body });
}

describe('a file that is uploaded by HTTP', () => {
  it('becomes a drop with its counts, errors and failed rows, and its imports name their line', async () => {
    const [first, second, third] = [nextIdentifier(), nextIdentifier(), nextIdentifier()];
    const name = 'folder/März (1)+.ndjson';
    const text = `${line(first)}\n\n${invalidLine(second)}\n${line(third)}\n${line(first)}\n`;
    expect((await uploadFile(name, text)).status).toBe(200);

    const drop = await dropOf(name);
    expect(drop).toMatchObject({
      state: 'ENDED',
      problem: null,
      size_bytes: Buffer.byteLength(text),
      parts: { read: 1, of: 1 },
      bytes: { read: Buffer.byteLength(text), of: Buffer.byteLength(text) },
      rows: { read: 4, accepted: 2, duplicate: 1, invalid: 1 },
      imports: { processed: 2, errored: 0, cancelled: 0, open: 0 },
      seconds_left: null,
    });
    expect(drop.rows_per_second).toBeGreaterThan(0);
    const list = 'accounts.non_field_errors: Expected a list of items but got type "int".';
    expect(drop.most_frequent_errors).toContainEqual({ error: list, count: 1, lines: [3] });

    const rows = `${DROPS}${drop.drop}/failed-rows/`;
    const page = bodyOf<FailedRowsBody>(await get(`${rows}?page_size=1`));
    expect(page).toMatchObject({
      is_complete: true,
      results: [{ line: 3, identifier: second, outcome: 'invalid' }],
    });
    const rest = bodyOf<FailedRowsBody>(await get(`${rows}?page_size=1&cursor=${page.next_cursor}`));
    expect(rest).toMatchObject({
      next_cursor: null,
      results: [{ line: 5, identifier: first, outcome: 'duplicate' }],
    });
    const all = await fetch(page.downloads.failed_rows!.url);
    expect(
      (await all.text())
        .trim()
        .split('\n')
        .map((row) => JSON.parse(row)),
    ).toEqual([...page.results, ...rest.results]);

    const history = await get(`${SUPPLY_POINTS}/TEST_SUPPLIER/${third}/history/`);
    const offset = Buffer.byteLength(text.slice(0, text.indexOf(line(third))));
    expect(history.body).toMatchObject({ drops: [{ drop: drop.drop, name, line: 4, offset }] });
  });

  it('is refused by S3 if its size, type, or name is another than asked for', async () => {
    const asked = await post(DROPS, 'importer', { name: 'other.ndjson', bytes: 10 });
    const { method, url, headers } = (asked.body as UploadBody).upload;
    expect(headers).toEqual({ 'content-length': '10', 'content-type': 'application/x-ndjson' });
    const type = { 'content-type': headers['content-type']! };
    expect((await fetch(url, { method, headers: type, body: 'x'.repeat(11) })).status).toBe(403);
    expect(
      (await fetch(url, { method, headers: { 'content-type': 'text/csv' }, body: 'x'.repeat(10) })).status,
    ).toBe(403);
    const other = url.replace('other.ndjson', 'another.ndjson');
    expect((await fetch(other, { method, headers: type, body: 'x'.repeat(10) })).status).toBe(403);
  });

  it('of more than 100 MiB is uploaded in parts of exactly its size, or given up', async () => {
    const bytes = 150 * 1024 * 1024;
    const asked = await post(DROPS, 'importer', { name: 'large.csv', bytes });
    const { multipart, upload } = asked.body as UploadBody;
    expect(upload).toBeNull();
    expect(multipart.parts.reduce((sum, part) => sum + part.bytes, 0)).toBe(bytes);
    expect(multipart.parts.map((part) => part.headers)).toEqual(
      multipart.parts.map((part) => ({ 'content-length': String(part.bytes) })),
    );
    const [first] = multipart.parts;
    expect((await fetch(first!.url, { method: 'PUT', body: 'x' })).status).toBe(403);
    const last = multipart.parts.at(-1)!;
    const sent = await fetch(last.url, { method: 'PUT', body: new Uint8Array(last.bytes) });
    const Part = `<PartNumber>${multipart.parts.length}</PartNumber><ETag>${sent.headers.get('etag')}</ETag>`;
    const body = `<CompleteMultipartUpload><Part>${Part}</Part></CompleteMultipartUpload>`;
    const { complete, abort } = multipart;
    const completed = await fetch(complete!.url, { method: 'POST', headers: complete!.headers, body });
    expect([completed.status, await completed.text()]).toEqual([
      400,
      expect.stringContaining('InvalidRequest'),
    ]);
    expect((await fetch(abort!.url, { method: 'DELETE' })).status).toBe(204);
  });

  it.each([
    ['a name that leads elsewhere', { name: '../OTHER/a.csv', bytes: 1 }, { name: [/"\.\."/] }],
    ['a step without a name', { name: 'a//b.csv', bytes: 1 }, { name: [/may not be empty/] }],
    ['a control character', { name: 'a\u0007.csv', bytes: 1 }, { name: [/Control characters/] }],
    [
      'a name of 201 bytes',
      { name: `${'é'.repeat(98)}x.csv`, bytes: 1 },
      { name: [/no more than 200 bytes/] },
    ],
    ['an unknown format', { name: 'a.xlsx', bytes: 1 }, { name: [/must end in \.ndjson/] }],
    ['no size', { name: 'a.csv' }, { bytes: ['This field is required.'] }],
    ['a size of zero', { name: 'a.csv', bytes: 0 }, { bytes: [/greater than or equal to 1/] }],
    ['a size that is no number', { name: 'a.csv', bytes: '1' }, { bytes: ['A valid integer is required.'] }],
    [
      'a size over the limit',
      { name: 'a.csv', bytes: 5 * 1024 ** 3 + 1 },
      { bytes: [/less than or equal to/] },
    ],
    ['a wrong type', { name: 'a.csv', bytes: 1, content_type: 'a\nb' }, { content_type: [/media type/] }],
    ['several errors', {}, { name: ['This field is required.'], bytes: ['This field is required.'] }],
    ['a list', [], { non_field_errors: [/Expected a dictionary, but got list/] }],
  ])('is not asked for with %s', async (_, json, expected) => {
    const { status, body } = await post(DROPS, 'importer', json);
    expect(status).toBe(400);
    const texts = Object.fromEntries(
      Object.entries(expected).map(([field, [text]]) => [
        field,
        [typeof text === 'string' ? text : expect.stringMatching(text!)],
      ]),
    );
    expect(body).toEqual(texts);
  });

  it('accepts a name of exactly 200 bytes', async () => {
    const name = `${'é'.repeat(98)}.csv`;
    expect(Buffer.byteLength(name)).toBe(200);
    expect((await post(DROPS, 'importer', { name, bytes: 1 })).status).toBe(201);
  });

  it('needs the right to import, and an open migration', async () => {
    expect((await post(DROPS, 'viewer', { name: 'a.csv', bytes: 1 })).status).toBe(403);
    const closed = await post(`${SUPPLY_POINTS}/CLOSED_SUPPLIER/drops/`, 'importer', {
      name: 'a.csv',
      bytes: 1,
    });
    expect([closed.status, closed.body]).toEqual([
      400,
      { non_field_errors: { code: 'import_supplier_migration_not_ongoing', detail: expect.any(String) } },
    ]);
  });
});

describe('the list of drops', () => {
  it('has the newest first, in pages', async () => {
    const names = ['list/1.ndjson', 'list/2.ndjson', 'list/3.ndjson'];
    for (const name of names) {
      await bucket.drop(`TEST_SUPPLIER/${name}`, invalidLine(nextIdentifier()));
      await dropOf(name);
    }
    const listed: string[] = [];
    for (let cursor: string | null = ''; cursor !== null && listed.length < 3; ) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const reply = await get(`${DROPS}?page_size=1${query}`);
      const page = bodyOf<{ results: DropBody[]; next_cursor: string | null }>(reply);
      listed.push(...page.results.map(({ name }) => name));
      cursor = page.next_cursor;
    }
    expect(listed).toEqual([...names].reverse());
  });

  it('refuses wrong parameters, and a cursor of another list', async () => {
    const page = bodyOf<{ next_cursor: string }>(await get(`${DROPS}?page_size=1`));
    const others = await get(
      `${SUPPLY_POINTS}/CLOSED_SUPPLIER/drops/?cursor=${page.next_cursor}`,
      'stranger',
    );
    expect([others.status, others.body]).toEqual([400, { cursor: ['The cursor is from another list.'] }]);
    const imports = await get(`${SUPPLY_POINTS}/TEST_SUPPLIER/?cursor=${page.next_cursor}`);
    expect([imports.status, imports.body]).toEqual([400, { cursor: ['Invalid cursor.'] }]);
    expect((await get(`${DROPS}?page_size=101`)).body).toEqual({
      page_size: [expect.stringContaining('100')],
    });
  });
});

describe('a drop', () => {
  it('of another supplier, or that does not exist, is not found', async () => {
    const { results } = bodyOf<{ results: DropBody[] }>(await get(`${DROPS}?page_size=1`));
    const paths = (supplier: string, drop: string) => `${SUPPLY_POINTS}/${supplier}/drops/${drop}/`;
    for (const [path, caller] of [
      [paths('CLOSED_SUPPLIER', results[0]!.drop), 'stranger'],
      [paths('TEST_SUPPLIER', results[0]!.drop), 'stranger'],
      [paths('TEST_SUPPLIER', 'AAAAAAAAAAAAAAAA'), 'viewer'],
      [paths('TEST_SUPPLIER', 'drop'), 'viewer'],
    ] as const) {
      expect((await get(path, caller)).status).toBe(404);
      expect((await get(`${path}failed-rows/`, caller)).status).toBe(404);
      if (caller === 'stranger') expect((await post(`${path}cancel/`, caller)).status).toBe(404);
    }
  });

  it('that is cancelled cancels its pending imports, says how many, and says the same again', async () => {
    const later = { schedule_window_start: new Date(Date.now() + 3_600_000).toISOString() };
    const pending = [nextIdentifier(), nextIdentifier()];
    const processed = nextIdentifier();
    const name = 'cancelled.ndjson';
    const text = [line(processed), ...pending.map((identifier) => line(identifier, later))].join('\n');
    await bucket.drop(`TEST_SUPPLIER/${name}`, text);
    const { drop } = await dropOf(name, ['IMPORTING']);
    await expect
      .poll(async () => (await get(`${SUPPLY_POINTS}/TEST_SUPPLIER/${processed}/`)).body, { timeout: 60_000 })
      .toMatchObject({ status: 'PROCESSED' });
    // While imports of its part are open, the counts of workers include those that have ended.
    await expect
      .poll(async () => bodyOf<DropBody>(await get(`${DROPS}${drop}/`)).imports, { timeout: 60_000 })
      .toMatchObject({ processed: 1, cancelled: 0, open: 2 });
    const { results } = bodyOf<{ results: DropBody[] }>(await get(DROPS));
    expect(results.find((listed) => listed.drop === drop)?.imports).toMatchObject({ processed: 1, open: 2 });
    expect((await post(`${DROPS}${drop}/cancel/`, 'importer')).status).toBe(403);
    expect((await post(`${DROPS}${drop}/cancel/?wait_seconds=9`, 'operator')).status).toBe(400);

    await post(`${DROPS}${drop}/cancel/`, 'operator');
    const cancelled = await dropOf(name, ['CANCELLED']);
    expect(cancelled.imports).toMatchObject({ processed: 1, cancelled: 2, open: 0 });
    const again = bodyOf<DropBody>(await post(`${DROPS}${drop}/cancel/`, 'operator'));
    expect(again).toMatchObject({ state: 'CANCELLED', imports: cancelled.imports });
    for (const identifier of pending) {
      expect((await get(`${SUPPLY_POINTS}/TEST_SUPPLIER/${identifier}/`)).body).toMatchObject({
        status: 'CANCELLED',
      });
    }

    // Dropped again, the file is a new drop.
    await bucket.drop(
      `TEST_SUPPLIER/${name}`,
      `${pending.map((identifier) => line(identifier)).join('\n')}\n`,
    );
    const next = await dropOf(name, ['ENDED']);
    expect(next.drop).not.toBe(drop);
    expect(next.imports).toMatchObject({ processed: 2, cancelled: 0 });
    const ended = await post(`${DROPS}${next.drop}/cancel/`, 'operator');
    expect([ended.status, ended.body]).toMatchObject([
      409,
      { code: 'drop_cannot_be_cancelled', state: 'ENDED' },
    ]);
  });

  it('leaves an import that another submission has replaced since', async () => {
    const later = { schedule_window_start: new Date(Date.now() + 3_600_000).toISOString() };
    const identifier = nextIdentifier();
    await bucket.drop('TEST_SUPPLIER/replaced.ndjson', line(identifier, later));
    const { drop } = await dropOf('replaced.ndjson', ['IMPORTING']);
    const sooner = { schedule_window_start: new Date(Date.now() + 1_800_000).toISOString() };
    const json = guideRequest({ identifier, taskParameters: sooner });
    expect((await post(`${SUPPLY_POINTS}/`, 'operator', json)).status).toBe(201);
    const body = bodyOf<DropBody>(await post(`${DROPS}${drop}/cancel/?wait_seconds=1`, 'operator'));
    expect(body).toMatchObject({ state: 'CANCELLING', imports: { cancelled: 0, open: 1 } });
    expect((await get(`${SUPPLY_POINTS}/TEST_SUPPLIER/${identifier}/`)).body).toMatchObject({
      status: 'PENDING',
    });
  });
});
