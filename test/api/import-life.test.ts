import { GetCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unpackPayload } from '../../shared/imports/model/packed-payload.ts';
import { SUPPLY_POINTS, send, startTestHost, statusOf, type TestHost } from '../support/host.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

const FINAL = ['PROCESSED', 'ERRORED', 'DRY_RUN_SUCCEEDED', 'DRY_RUN_ERRORED', 'CANCELLED'];
const create = (json: unknown, token = host.token) =>
  send(host, 'POST', `${SUPPLY_POINTS}/`, { token, json });
const created = async (identifier: string) =>
  (
    await host.dynamodb.send(
      new GetCommand({ TableName: host.endpoints.tables['supply-points']!, Key: { identifier } }),
    )
  ).Item;

/** The ISO time in so many milliseconds. */
const fromNow = (ms: number): string => new Date(Date.now() + ms).toISOString();
const HOUR = 3_600_000;

describe('the guide’s example', () => {
  const identifier = '4001248530';

  it('is valid, and validating it returns its normalised data', async () => {
    const reply = await send(host, 'POST', `${SUPPLY_POINTS}/validate/`, {
      token: host.token,
      json: guideRequest(),
    });
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ import_supplier: 'TEST_SUPPLIER', supply_point: { identifier } });
    expect(JSON.stringify(reply.body)).toContain('"postal_delivery_number_value":111');
  });

  it('is PENDING at once and PROCESSED later', async () => {
    expect(await create(guideRequest())).toMatchObject({ status: 201, body: {} });
    const first = await send(host, 'GET', `${SUPPLY_POINTS}/TEST_SUPPLIER/${identifier}/`, {
      token: host.token,
    });
    expect(first.status).toBe(200);
    expect(['PENDING', 'IN_PROGRESS', 'PROCESSED']).toContain((first.body as { status: string }).status);

    const status = await statusOf(host, identifier, FINAL);
    const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+1[01]:00$/;
    expect(status).toEqual({
      status: 'PROCESSED',
      kraken_identifier: expect.stringMatching(/^[0-9a-f-]{36}$/),
      created_at: expect.stringMatching(time),
      modified_at: expect.stringMatching(time),
      latest_error: null,
    });
  });

  it('creates its supply point with all data', async () => {
    const validated = await send(host, 'POST', `${SUPPLY_POINTS}/validate/`, {
      token: host.token,
      json: guideRequest(),
    });
    const stored = await created(identifier);
    expect(unpackPayload(stored!['payload'])).toEqual(validated.body);
  });

  it('cannot be imported again', async () => {
    expect(await create(guideRequest())).toMatchObject({
      status: 400,
      body: {
        non_field_errors: {
          detail: `The import process with the supply point identifier ${identifier} has already been imported.`,
          code: 'supply_point_import_process_already_imported',
        },
        supply_point_identifier: identifier,
      },
    });
  });
});

describe('a dry run', () => {
  it('succeeds without creating anything, and allows the real import afterwards', async () => {
    const identifier = identifierNumber(1);
    expect((await create(guideRequest({ identifier, taskParameters: { is_dry_run: true } }))).status).toBe(
      201,
    );
    expect(await statusOf(host, identifier, FINAL)).toMatchObject({
      status: 'DRY_RUN_SUCCEEDED',
      kraken_identifier: null,
    });
    expect(await created(identifier)).toBeUndefined();

    expect((await create(guideRequest({ identifier }))).status).toBe(201);
    expect(await statusOf(host, identifier, ['PROCESSED'])).toMatchObject({ latest_error: null });
  });

  it('fails like the import itself if another supplier has created the supply point', async () => {
    const identifier = identifierNumber(2);
    await host.registered.putSupplier({ code: 'OTHER_SUPPLIER', migration: 'open' });
    const token = await host.tokenFor(['OTHER_SUPPLIER']);
    expect((await create(guideRequest({ identifier, supplier: 'OTHER_SUPPLIER' }), token)).status).toBe(201);
    await statusOf(host, identifier, ['PROCESSED'], { supplier: 'OTHER_SUPPLIER', token });

    const latest_error = {
      code: 'supply_point_already_exists',
      detail: `The supply point ${identifier} already exists.`,
      domain: 'supply_point_import',
    };
    await create(guideRequest({ identifier, taskParameters: { is_dry_run: true } }));
    expect(await statusOf(host, identifier, FINAL)).toMatchObject({
      status: 'DRY_RUN_ERRORED',
      latest_error,
    });
    await create(guideRequest({ identifier }));
    expect(await statusOf(host, identifier, ['ERRORED'])).toMatchObject({
      latest_error,
      kraken_identifier: null,
    });
    expect(await created(identifier)).toMatchObject({ import_supplier: 'OTHER_SUPPLIER' });
  });
});

describe('a schedule window', () => {
  it('keeps an import PENDING until it opens', async () => {
    const identifier = identifierNumber(10);
    const taskParameters = { schedule_window_start: fromNow(2000), schedule_window_end: fromNow(HOUR) };
    const opens = Date.parse(taskParameters.schedule_window_start);
    expect((await create(guideRequest({ identifier, taskParameters }))).status).toBe(201);
    expect(await statusOf(host, identifier, [...FINAL, 'PENDING'])).toMatchObject({ status: 'PENDING' });
    const ended = await statusOf(host, identifier, FINAL);
    expect(ended).toMatchObject({ status: 'PROCESSED' });
    expect(Date.parse(String(ended['modified_at']))).toBeGreaterThanOrEqual(opens);
  });

  it('beyond the longest delay of SQS is sent by the sweeper when it opens', async () => {
    const identifier = identifierNumber(11);
    const taskParameters = { schedule_window_start: fromNow(HOUR), schedule_window_end: fromNow(2 * HOUR) };
    expect((await create(guideRequest({ identifier, taskParameters }))).status).toBe(201);
    expect(await host.invoke('sweeper')).toEqual({ result: { sent: 0, cleared: 0, tasks: 0 } });
    expect(await statusOf(host, identifier, [...FINAL, 'PENDING'])).toMatchObject({ status: 'PENDING' });
  });

  it.each([
    ['schedule_window_start_in_past', { schedule_window_start: fromNow(-HOUR) }],
    ['schedule_window_end_too_far_in_future', { schedule_window_end: fromNow(5 * 24 * HOUR) }],
    [
      'schedule_window_start__after_end',
      { schedule_window_start: fromNow(2 * HOUR), schedule_window_end: fromNow(HOUR) },
    ],
  ])('is rejected with %s', async (code, taskParameters) => {
    const reply = await create(guideRequest({ identifier: identifierNumber(12), taskParameters }));
    expect(reply.status).toBe(400);
    expect(JSON.stringify((reply.body as { task_params: unknown }).task_params)).toContain(`"${code}"`);
  });
});

describe('a pending import', () => {
  const taskParameters = { schedule_window_start: fromNow(3 * HOUR), schedule_window_end: fromNow(4 * HOUR) };
  const record = async (identifier: string) =>
    (
      await host.dynamodb.send(
        new GetCommand({
          TableName: host.endpoints.tables['import-processes']!,
          Key: { id: `TEST_SUPPLIER#${identifier}` },
        }),
      )
    ).Item!;

  it('is unchanged by an identical submission', async () => {
    const identifier = identifierNumber(20);
    await create(guideRequest({ identifier, taskParameters }));
    const before = await record(identifier);
    expect((await create(guideRequest({ identifier, taskParameters }))).status).toBe(201);
    expect(await record(identifier)).toEqual(before);
  });

  it('is replaced by a submission with another payload', async () => {
    const identifier = identifierNumber(21);
    await create(guideRequest({ identifier, taskParameters }));
    const request = guideRequest({ identifier });
    (request.payload.supply_point as Record<string, unknown>)['substation'] = 'REPLACED';
    expect((await create(request)).status).toBe(201);
    await statusOf(host, identifier, ['PROCESSED']);
    expect(unpackPayload((await created(identifier))!['payload'])).toMatchObject({
      supply_point: { substation: 'REPLACED' },
    });
  });
});

describe('a token', () => {
  it('of another supplier gets 404 for the supplier’s imports', async () => {
    await host.registered.putSupplier({ code: 'FOREIGN', migration: 'open' });
    const token = await host.tokenFor(['FOREIGN']);
    for (const path of [`${SUPPLY_POINTS}/validate/`, `${SUPPLY_POINTS}/`]) {
      const reply = await send(host, 'POST', path, { token, json: guideRequest() });
      expect(reply).toMatchObject({
        status: 400,
        body: { import_supplier: ['"TEST_SUPPLIER" is not a valid choice.'] },
      });
    }
    const status = await send(host, 'GET', `${SUPPLY_POINTS}/TEST_SUPPLIER/4001248530/`, { token });
    expect(status).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it('of a supplier whose migration is closed cannot import', async () => {
    const reply = await create(
      guideRequest({ supplier: 'CLOSED_SUPPLIER', identifier: identifierNumber(30) }),
    );
    expect(reply).toMatchObject({
      status: 400,
      body: { non_field_errors: { code: 'import_supplier_migration_not_ongoing' } },
    });
  });
});

it('an import whose supplier is closed while it waits ends ERRORED', async () => {
  const identifier = identifierNumber(31);
  await host.registered.putSupplier({ code: 'CLOSING', migration: 'open' });
  const token = await host.tokenFor(['CLOSING']);
  const taskParameters = { schedule_window_start: fromNow(2000), schedule_window_end: fromNow(HOUR) };
  expect(
    (await create(guideRequest({ identifier, supplier: 'CLOSING', taskParameters }), token)).status,
  ).toBe(201);
  await host.registered.putSupplier({ code: 'CLOSING', migration: 'closed' });
  expect(await statusOf(host, identifier, FINAL, { supplier: 'CLOSING', token })).toMatchObject({
    status: 'ERRORED',
    latest_error: { code: 'import_supplier_migration_not_ongoing', domain: 'import_process' },
  });
});

it('100 imports over 20 connections are all PROCESSED once', async () => {
  const identifiers = Array.from({ length: 100 }, (_, index) => identifierNumber(1000 + index));
  const queue = [...identifiers];
  const connections = Array.from({ length: 20 }, async () => {
    for (let identifier = queue.pop(); identifier !== undefined; identifier = queue.pop()) {
      expect((await create(guideRequest({ identifier }))).status).toBe(201);
    }
  });
  await Promise.all(connections);
  const processed = async () => {
    const items = await everything(host, 'import-processes');
    return items.filter((item) => item['status'] === 'PROCESSED' && identifiers.includes(identifierOf(item)))
      .length;
  };
  await expect.poll(processed, { timeout: 60_000, interval: 250 }).toBe(identifiers.length);
  const stored = (await everything(host, 'supply-points')).map((item) => String(item['identifier']));
  expect(stored.filter((identifier) => identifiers.includes(identifier)).sort()).toEqual(identifiers);
}, 90_000);

const identifierOf = (item: Record<string, unknown>): string => String(item['id']).split('#')[1]!;

async function everything(from: TestHost, table: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let next: Record<string, unknown> | undefined;
  do {
    const page = await from.dynamodb.send(
      new ScanCommand({
        TableName: from.endpoints.tables[table]!,
        ExclusiveStartKey: next,
        ConsistentRead: true,
      }),
    );
    items.push(...(page.Items ?? []));
    next = page.LastEvaluatedKey;
  } while (next !== undefined);
  return items;
}
