import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OPERATIONS, type OperationName, pathOf } from '../../shared/api/operations.ts';
import { validateCreateRequest } from '../../shared/contract/request.ts';
import { deferredTasks } from '../../shared/drops/deferred-tasks.ts';
import { dropSource, noRows, reportKey } from '../../shared/drops/drop.ts';
import { newDrop } from '../../shared/drops/plan-drop.ts';
import { dropStore } from '../../shared/drops/store.ts';
import { recordSubmission } from '../../shared/imports/use-cases/submit-import.ts';
import { storesOf } from '../imports/stores.ts';
import { dropBucket } from '../support/drops.ts';
import { SUPPLY_POINTS, send, startTestHost, statusOf, type TestHost } from '../support/host.ts';
import { useUpStarts } from '../support/imports.ts';
import { FOREVER } from '../support/lifetime.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

const SUPPLIERS = new Map([['TEST_SUPPLIER', 'open' as const]]);
const identifier = (number: number): string => identifierNumber(970_000 + number);
const later = () => new Date(Date.now() + 3_600_000).toISOString();

async function act(method: string, path: string): Promise<number> {
  return (await send(host, method, `${SUPPLY_POINTS}/TEST_SUPPLIER/${path}`, { token: host.token })).status;
}

async function create(number: number, taskParameters: Record<string, unknown> = {}, supplier?: string) {
  const json = guideRequest({
    identifier: identifier(number),
    taskParameters,
    ...(supplier && { supplier }),
  });
  const token = supplier === undefined ? host.token : await host.tokenFor([supplier]);
  return send(host, 'POST', `${SUPPLY_POINTS}/`, { token, json });
}

/** Sends a message to a queue. */
async function sendTo(queue: string, body: object): Promise<void> {
  const QueueUrl = host.endpoints.queues[queue]!;
  await host.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(body) }));
}

/** Waits until a function's log contains a text. */
const waitForLog = (name: string, text: string) =>
  expect.poll(() => host.logs(name).join('\n'), { timeout: 60_000, interval: 50 }).toContain(text);

async function everyEndpoint(): Promise<void> {
  // A scenario with a slow import: the worker sends its message again.
  const slow = guideRequest({ identifier: '4999000006' });
  const posted = await send(host, 'POST', `${SUPPLY_POINTS}/`, { token: host.token, json: slow });
  expect(posted.status).toBe(201);
  expect((await create(1)).status).toBe(201);
  await statusOf(host, identifier(1), ['PROCESSED']);
  expect((await create(1)).status).toBe(400);
  // A second copy of its message finds nothing to claim.
  const copy = { import_supplier: 'TEST_SUPPLIER', external_identifier: identifier(1), attempt: 1 };
  await sendTo('imports', copy);
  await waitForLog('worker', '"because":"ended"');
  expect((await create(2, { is_dry_run: true })).status).toBe(201);
  await statusOf(host, identifier(2), ['DRY_RUN_SUCCEEDED']);
  expect((await create(3, { schedule_window_start: later() })).status).toBe(201);
  expect(await act('POST', `${identifier(3)}/cancel/`)).toBe(200);
  expect(await act('GET', `?status=PROCESSED`)).toBe(200);
  expect(await act('GET', `${identifier(1)}/history/`)).toBe(200);
  expect(await act('GET', `${identifier(1)}/created/`)).toBe(200);
  expect(await act('GET', 'no/such/path/')).toBe(404);
  expect((await create(9)).status).toBe(201);
  await statusOf(host, identifier(9), ['PROCESSED']);
  expect(await act('DELETE', `${identifier(9)}/data/`)).toBe(200);
}

/** Suppliers, tokens and scenarios, each changed. */
async function administered(): Promise<void> {
  const asked = async (name: OperationName, parameters: Record<string, string>, json?: object) => {
    const path = pathOf(name, parameters);
    const { body, status, text } = await send(host, OPERATIONS[name].method, path, {
      token: host.token,
      ...(json && { json }),
    });
    expect(status, text).toBeLessThan(300);
    // biome-ignore lint/suspicious/noExplicitAny: bodies of different operations
    return body as any;
  };
  const supplier = 'ADMINISTERED';
  await asked('suppliers-add', {}, { code: supplier });
  await asked('suppliers-change', { supplier }, { migration: 'closed' });
  await asked('suppliers-list', {});
  const { token } = await asked('tokens-create', {}, { name: 'x', role: 'viewer', suppliers: [supplier] });
  await asked('tokens-rotate', { token: token.id }, { old_until: later() });
  await asked('tokens-list', {});
  const { results } = await asked('scenarios-show', { supplier: 'TEST_SUPPLIER' });
  await asked('scenarios-set', { supplier: 'CLOSED_SUPPLIER' }, { rules: [results[0].rule] });
}

/** An import that ends ERRORED because another supplier's created its supply point, and is retried. */
async function retried(): Promise<void> {
  await host.registered.putSupplier({ code: 'OTHER_SUPPLIER', migration: 'open' });
  expect((await create(4, {}, 'OTHER_SUPPLIER')).status).toBe(201);
  await waitForLog('worker', identifier(4));
  expect((await create(4)).status).toBe(201);
  await statusOf(host, identifier(4), ['ERRORED']);
  expect(await act('POST', `${identifier(4)}/retry/`)).toBe(200);
  await statusOf(host, identifier(4), ['ERRORED']);
}

/** An import whose message goes to the dead-letter queue, and which is redriven. */
async function redriven(): Promise<void> {
  expect((await create(5, { schedule_window_start: later() })).status).toBe(201);
  const external_identifier = identifier(5);
  const message = { import_supplier: 'TEST_SUPPLIER', external_identifier, attempt: 1 };
  await useUpStarts(host, { importSupplier: 'TEST_SUPPLIER', externalIdentifier: external_identifier });
  await sendTo('imports-dead-letter', message);
  await statusOf(host, identifier(5), ['ERRORED']);
  // Counts read the records of imports that failed like this one, and are kept for seconds: these are the first.
  expect(await act('GET', 'counts/')).toBe(200);
  expect(await act('POST', 'redrive/')).toBe(200);
  await statusOf(host, identifier(5), ['PROCESSED']);
}

/** Imports that the sweeper sends: one that was never sent, one of a drop, and one whose window has just opened. */
async function swept(): Promise<void> {
  const { imports, submit } = storesOf(host);
  const now = Date.now();
  await submit(identifier(6), now - 200_000);
  const window = { schedule_window_start: new Date(now - 1000).toISOString() };
  await submit(identifier(7), now - 2_000_000, window);
  const checked = validateCreateRequest(guideRequest({ identifier: identifier(8) }), SUPPLIERS, now);
  if (!checked.valid) throw new Error('The example is invalid.');
  const { payload, taskParameters } = checked.data;
  await recordSubmission(imports)(payload, taskParameters, now - 2_000_000, { drop: 'none', offset: 0 });
  // A drop's task that was deferred.
  const deferred = deferredTasks(host.dynamodb, host.endpoints.tables['drop-records']!);
  await deferred.put(
    'TEST_SUPPLIER',
    { task: 'range', drop: 'gone', part: 0, start: 0, end: 1 },
    now,
    'test',
  );
  await host.invoke('sweeper');
  expect(await deferred.due(now, 1)).toEqual([]);
  for (const number of [6, 7, 8]) await statusOf(host, identifier(number), ['PROCESSED']);
}

async function everyDrop(): Promise<void> {
  const bucket = dropBucket(host);
  const line = (number: number) => JSON.stringify(guideRequest({ identifier: identifier(number) }));
  await bucket.drop('TEST_SUPPLIER/grants.ndjson', `${line(10)}\n{\n${line(1)}`);
  await bucket.drop('TEST_SUPPLIER/grants.json', `[${line(11)}]`);
  await bucket.drop('NOBODY/grants.json', `[${line(11)}]`);
  for (const name of ['TEST_SUPPLIER/grants.ndjson', 'TEST_SUPPLIER/grants.json', 'NOBODY/grants.json']) {
    await bucket.summaryOf(name);
  }
  const object = (key: string) => ({ s3: { bucket: { name: bucket.Bucket }, object: { key } } });
  const gone = { Records: [object('drops/TEST_SUPPLIER/gone.ndjson')] };
  await sendTo('drop-notifications', gone);
  await waitForLog('drop-planner', 'no_drop');
  await sendTo('drops-dead-letter', gone);
  await waitForLog('drop-dead-letter', 'given_up');
  await dropsByHttp(bucket);
  await unread(bucket);
  bucket.client.destroy();
}

/** Every operation of drops: an upload that is given up, a page while nothing is reported yet, and a cancelled drop. */
async function dropsByHttp(bucket: ReturnType<typeof dropBucket>): Promise<void> {
  const json = async (method: string, path: string, body?: unknown) => {
    const token = host.token;
    const options = { token, ...(body === undefined ? {} : { json: body }) };
    const reply = await send(host, method, `${SUPPLY_POINTS}/TEST_SUPPLIER/drops/${path}`, options);
    expect(reply.status, reply.text).toBeLessThan(300);
    return reply.body as Record<string, never>;
  };
  const { multipart } = (await json('POST', '', { name: 'large.csv', bytes: 200_000_000 })) as unknown as {
    multipart: { abort: { url: string } };
  };
  expect((await fetch(multipart.abort.url, { method: 'DELETE' })).status).toBe(204);
  // One part was read, and the other never is: its rows are those of the part's results.
  const drops = dropStore(host.dynamodb, host.endpoints.tables['drop-records']!, FOREVER);
  const source = dropSource(bucket.Bucket, 'drops/TEST_SUPPLIER/half.ndjson', 'none', new Date());
  const half = newDrop(source, 20, 10, Date.now());
  await drops.create(half);
  const run = 'test';
  await drops.putPart(half.id, { part: 0, run, lines: 1, counts: { ...noRows(), rows: 1, invalid: 1 } });
  const row = '1\t{"offset":0,"outcome":"invalid","errors":{}}\n';
  await bucket.put(`parts/${half.id}/000000-${run}.failed`, row);
  expect((await json('GET', `${half.id}/failed-rows/`))['results']).toHaveLength(1);
  await json('GET', `${half.id}/`);
  // The list and the activity read the counts of a drop that is under way.
  await json('GET', '');
  expect(await act('GET', 'activity/')).toBe(200);
  expect(await act('GET', `activity/?drop=${half.id}`)).toBe(200);
  // A report that is gone.
  const gone = newDrop({ ...source, version: 'gone' }, 20, 10, Date.now());
  await drops.create({ ...gone, state: 'IMPORTING', read_at: Date.now() });
  await json('GET', `${gone.id}/`);
  expect((await json('GET', `${gone.id}/failed-rows/`))['results']).toEqual([]);
  // Its last report could not be written.
  await bucket.put(reportKey(gone, 'summary.json'), '{}');
  await sendTo('drop-tasks-dead-letter', { task: 'report', drop: gone.id });
  await expect.poll(async () => (await drops.get(gone.id))?.state, { timeout: 60_000 }).toBe('FAILED');
  const later = { schedule_window_start: new Date(Date.now() + 3_600_000).toISOString() };
  const waiting = guideRequest({ identifier: identifier(12), taskParameters: later });
  await bucket.drop('TEST_SUPPLIER/cancelled.ndjson', JSON.stringify(waiting));
  await bucket.summaryOf('TEST_SUPPLIER/cancelled.ndjson', ['IMPORTING']);
  const { results } = (await json('GET', '')) as unknown as { results: { drop: string; name: string }[] };
  const { drop } = results.find(({ name }) => name === 'cancelled.ndjson')!;
  await json('POST', `${drop}/cancel/`);
  await bucket.summaryOf('TEST_SUPPLIER/cancelled.ndjson', ['CANCELLED']);
  await json('GET', `${drop}/failed-rows/`);
  await json('GET', `${drop}/`);
  const second = JSON.stringify(guideRequest({ identifier: identifier(13) }));
  await bucket.drop('TEST_SUPPLIER/ranges.ndjson', `${' '.repeat(1_100_000)}\n${second}`);
  await bucket.summaryOf('TEST_SUPPLIER/ranges.ndjson');
  expect(await act('GET', `${identifier(13)}/history/`)).toBe(200);
}

/** Drops whose files are gone before they are read: one fails in the reader, one in the dead-letter function. */
async function unread(bucket: ReturnType<typeof dropBucket>): Promise<void> {
  const drops = dropStore(host.dynamodb, host.endpoints.tables['drop-records']!, FOREVER);
  for (const queue of ['drop-tasks', 'drop-tasks-dead-letter']) {
    const name = `TEST_SUPPLIER/${queue}.ndjson`;
    const source = dropSource(bucket.Bucket, `drops/${name}`, 'none', new Date('2026-01-01T00:00:00Z'));
    const drop = newDrop(source, 10, 10, Date.now());
    await drops.create(drop);
    await sendTo(queue, { task: 'range', drop: drop.id, part: 0, start: 0, end: 10 });
    await bucket.summaryOf(name, ['FAILED']);
    await sendTo('drop-tasks-dead-letter', { task: 'report', drop: drop.id });
  }
  await waitForLog('drop-dead-letter', '"task":"report"');
}

it('every grant of the template is used, and no call is denied', async () => {
  await everyEndpoint();
  await administered();
  await retried();
  await redriven();
  await swept();
  await everyDrop();
  const { unused, denied } = await host.useOfGrants();
  expect({ unused: unused.map(({ id }) => id), denied }).toEqual({ unused: [], denied: [] });
}, 300_000);
