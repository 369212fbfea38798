import {
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RESEND_AFTER_SECONDS } from '../../shared/imports/model/due.ts';
import { STARTED_MS_MIN, STARTS_MAX } from '../../shared/imports/model/starts.ts';
import { importQueue } from '../../shared/imports/storage/queue.ts';
import { exhaustImport } from '../../shared/imports/use-cases/exhaust-import.ts';
import { processImport } from '../../shared/imports/use-cases/process-import.ts';
import { submitImport } from '../../shared/imports/use-cases/submit-import.ts';
import { sweepImports } from '../../shared/imports/use-cases/sweep-imports.ts';
import { krakenIdentifier } from '../../shared/supply-points/kraken-identifier.ts';
import { SUPPLY_POINTS, send, startTestHost, statusOf, type TestHost } from '../support/host.ts';
import { useUpStarts } from '../support/imports.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';
import { keyOf, storesOf } from './stores.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

const SECOND = 1000;
const HOUR = 3600 * SECOND;

/** The real stores on the emulators, and a queue without a consumer: the test is the only worker. */
function dependencies() {
  const { imports, supplyPoints, nowhere } = storesOf(host);
  const stores = { imports, supplyPoints, suppliers: host.registered };
  return { ...stores, stores, nowhere };
}
const submitted = (identifier: string, now: number, taskParameters = {}) =>
  storesOf(host).submit(identifier, now, taskParameters);

const run = (now: number, claim: string) => ({ now, claim, leaseUntil: now + 20 * SECOND });
const record = (identifier: string) => dependencies().imports.get(keyOf(identifier));

describe('an import whose message could not be sent', () => {
  it('is accepted all the same, and is PROCESSED after the sweeper sent the message', async () => {
    const identifier = identifierNumber(1);
    const now = Date.now();
    expect(await submitted(identifier, now)).toMatchObject({
      kind: 'scheduled',
      sendError: expect.any(Error),
    });
    expect(await record(identifier)).toMatchObject({ status: 'PENDING' });

    const queue = importQueue(host.sqs, host.endpoints.queues['imports']!);
    const queues = { endpoint: queue, bulk: dependencies().nowhere };
    const { index, swept } = storesOf(host);
    const sweep = sweepImports({ index, records: swept, queues, suppliers: host.registered });
    expect(await sweep(now + (RESEND_AFTER_SECONDS - 1) * SECOND)).toMatchObject({ sent: 0 });
    expect(await sweep(now + RESEND_AFTER_SECONDS * SECOND)).toMatchObject({ sent: 1 });
    expect(await sweep(now + RESEND_AFTER_SECONDS * SECOND)).toMatchObject({ sent: 0 });
    expect(await statusOf(host, identifier, ['PROCESSED'])).toMatchObject({ latest_error: null });
    expect(await record(identifier)).not.toHaveProperty('due_at');
  });
});

describe('a message', () => {
  it('delivered ten times concurrently creates one supply point', async () => {
    const identifier = identifierNumber(2);
    await submitted(identifier, Date.now());
    const body = JSON.stringify({
      import_supplier: 'TEST_SUPPLIER',
      external_identifier: identifier,
      attempt: 1,
    });
    const Entries = Array.from({ length: 10 }, (_, index) => ({ Id: String(index), MessageBody: body }));
    await host.sqs.send(
      new SendMessageBatchCommand({ QueueUrl: host.endpoints.queues['imports']!, Entries }),
    );
    await statusOf(host, identifier, ['PROCESSED']);
    const stored = await dependencies().supplyPoints.get(identifier);
    expect(stored).toMatchObject({ attempt: 1 });
    // Every message was processed or ignored: none is left for redelivery.
    await expect.poll(() => outcomesOf(identifier), { timeout: 10_000 }).toHaveLength(10);
    expect(outcomesOf(identifier).filter((outcome) => outcome === 'ended')).toHaveLength(1);
  });

  it('processed by fifty concurrent runs is finished by one', async () => {
    const identifier = identifierNumber(3);
    const now = Date.now();
    await submitted(identifier, now);
    const work = processImport(dependencies().stores);
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) => work(keyOf(identifier), 1, run(now, `claim ${index}`))),
    );
    expect(outcomes.filter(({ kind }) => kind === 'ended')).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === 'not_taken')).toHaveLength(49);
  });

  it('of an earlier attempt or an unknown import is ignored', async () => {
    const identifier = identifierNumber(4);
    const now = Date.now();
    await submitted(identifier, now);
    const work = processImport(dependencies().stores);
    expect(await work(keyOf(identifier), 2, run(now, 'a'))).toEqual({
      kind: 'not_taken',
      because: 'other_attempt',
    });
    expect(await work(keyOf('NOTHING'), 1, run(now, 'a'))).toEqual({ kind: 'not_taken', because: 'gone' });
  });

  const outcomesOf = (identifier: string): string[] =>
    host
      .logs('worker')
      .filter((line) => line.includes(identifier) && line.includes('"import worked on"'))
      .map((line) => JSON.parse(line).kind);
});

describe('a worker that stops', () => {
  it('after its claim leaves the import to the next delivery, once the lease has expired', async () => {
    const identifier = identifierNumber(5);
    const now = Date.now();
    await submitted(identifier, now);
    const { imports, stores } = dependencies();
    await imports.claim({ key: keyOf(identifier), attempt: 1, ...run(now, 'dead') });

    const work = processImport(stores);
    const early = run(now + 19 * SECOND, 'early');
    expect(await work(keyOf(identifier), 1, early)).toEqual({ kind: 'not_taken', because: 'held' });
    const late = run(now + 20 * SECOND, 'late');
    expect(await work(keyOf(identifier), 1, late)).toMatchObject({ kind: 'ended', status: 'PROCESSED' });
    expect(
      await imports.finish(
        { key: keyOf(identifier), attempt: 1, claim: 'dead', now },
        { status: 'DRY_RUN_SUCCEEDED' },
      ),
    ).toBe(false);
  });

  it('after it created the supply point leaves the finish to the next run', async () => {
    const identifier = identifierNumber(6);
    const now = Date.now();
    await submitted(identifier, now);
    const { stores, imports, supplyPoints } = dependencies();
    const dies = processImport({
      ...stores,
      imports: { ...imports, finish: () => Promise.reject(new Error('dead')) },
    });
    await expect(dies(keyOf(identifier), 1, run(now, 'dead'))).rejects.toThrow('dead');
    const created = await supplyPoints.get(identifier);
    expect(created).toBeDefined();

    const again = await processImport(stores)(keyOf(identifier), 1, run(now + 20 * SECOND, 'next'));
    expect(again).toMatchObject({ kind: 'ended', status: 'PROCESSED' });
    expect(await supplyPoints.get(identifier)).toEqual(created);
    expect((await record(identifier))?.kraken_identifier).toBe(created!.kraken_identifier);
  });
});

/** Submits an import whose history contains this number of resends by the sweeper. */
async function submittedLongAgo(identifier: string, now: number, sent: number, taskParameters = {}) {
  await submitted(identifier, now, taskParameters);
  const submission = (await record(identifier))!;
  const again = Array.from({ length: sent }, () => ({ t: now, e: 'a' as const, a: 1 }));
  const history = [...submission.history, ...again];
  await dependencies().imports.write(
    { ...submission, history, revision: submission.revision + 1 },
    submission,
  );
}

describe.each([0, 46, 47, 48, 49, 60])('an import that was sent again %i times', (sent) => {
  const numbered = (number: number) => identifierNumber(1000 + 10 * sent + number);

  it('is PROCESSED if a worker created its supply point and stopped before the migration closed', async () => {
    const identifier = numbered(1);
    const now = Date.now();
    await submittedLongAgo(identifier, now, sent);
    const { stores, imports } = dependencies();
    const noFinish = { ...imports, finish: () => Promise.reject(new Error('dead')) };
    const dies = processImport({ ...stores, imports: noFinish });
    await expect(dies(keyOf(identifier), 1, run(now, 'dead'))).rejects.toThrow('dead');
    await host.registered.putSupplier({ code: 'TEST_SUPPLIER', migration: 'closed' });
    try {
      const next = await processImport(stores)(keyOf(identifier), 1, run(now + 20 * SECOND, 'next'));
      expect(next).toMatchObject({ kind: 'ended', status: 'PROCESSED' });
    } finally {
      await host.registered.putSupplier({ code: 'TEST_SUPPLIER', migration: 'open' });
    }
    const { history, ...ended } = (await record(identifier))!;
    expect(ended).toMatchObject({ status: 'PROCESSED', kraken_identifier: expect.any(String) });
    expect(history.map(({ e }) => e).join('')).toBe(`s${'a'.repeat(sent)}ttp`);
  });

  it('is PROCESSED if it was started in its window and taken over after the window closed', async () => {
    const identifier = numbered(2);
    const now = Date.now();
    const window = { schedule_window_end: new Date(now + 60 * SECOND).toISOString() };
    await submittedLongAgo(identifier, now, sent, window);
    const { stores, imports } = dependencies();
    await imports.claim({ key: keyOf(identifier), attempt: 1, ...run(now + 59 * SECOND, 'dead') });
    await imports.claim({ key: keyOf(identifier), attempt: 1, ...run(now + 80 * SECOND, 'dead, too') });
    const next = await processImport(stores)(keyOf(identifier), 1, run(now + 120 * SECOND, 'next'));
    expect(next).toMatchObject({ kind: 'ended', status: 'PROCESSED' });
  });
});

it('an import that was started before records had started_at is taken over after its window closed', async () => {
  const identifier = identifierNumber(2000);
  const now = Date.now();
  await submitted(identifier, now, { schedule_window_end: new Date(now + 60 * SECOND).toISOString() });
  const { stores, imports } = dependencies();
  await imports.claim({ key: keyOf(identifier), attempt: 1, ...run(now, 'dead') });
  const { started_at: _, ...asWritten } = (await record(identifier))!;
  await imports.write(asWritten, (await record(identifier))!);
  const next = await processImport(stores)(keyOf(identifier), 1, run(now + 120 * SECOND, 'next'));
  expect(next).toMatchObject({ kind: 'ended', status: 'PROCESSED' });
});

describe('an import that fails at each start', () => {
  const MINUTE = 60 * SECOND;
  /** Workers that stop after their claim, a minute apart. */
  async function startAndDie(identifier: string, now: number, times: number) {
    for (let time = 0; time < times; time += 1)
      await dependencies().imports.claim({
        key: keyOf(identifier),
        attempt: 1,
        ...run(now + time * MINUTE, `dead ${time}`),
      });
  }
  const work = (identifier: string, at: number) =>
    processImport(dependencies().stores)(keyOf(identifier), 1, run(at, 'last'));
  const USED_UP = { kind: 'ended', status: 'ERRORED', error: { code: 'import_attempts_exhausted' } };

  it('is finished by the next worker after five starts in fifteen minutes', async () => {
    const identifier = identifierNumber(3001);
    const now = Date.now();
    await submitted(identifier, now);
    await startAndDie(identifier, now, STARTS_MAX);
    expect(await work(identifier, now + STARTED_MS_MIN)).toMatchObject(USED_UP);
    expect(await dependencies().supplyPoints.get(identifier)).toBeUndefined();
  });

  it.each([
    ['four starts, however long ago the first was', STARTS_MAX - 1, STARTED_MS_MIN + HOUR],
    ['five starts in less time, as in an outage that passes', STARTS_MAX, STARTED_MS_MIN - 1],
  ])('is tried again after %s', async (_, starts, lastAfterMs) => {
    const identifier = identifierNumber(3010 + starts);
    const now = Date.now();
    await submitted(identifier, now);
    await startAndDie(identifier, now, starts);
    expect(await work(identifier, now + lastAfterMs)).toMatchObject({ status: 'PROCESSED' });
  });

  it('is PROCESSED all the same if one of the starts created its supply point', async () => {
    const identifier = identifierNumber(3020);
    const now = Date.now();
    await submitted(identifier, now);
    const { stores, imports } = dependencies();
    const noFinish = { ...imports, finish: () => Promise.reject(new Error('dead')) };
    await processImport({ ...stores, imports: noFinish })(keyOf(identifier), 1, run(now, 'a')).catch(
      () => {},
    );
    await startAndDie(identifier, now + MINUTE, STARTS_MAX);
    expect(await work(identifier, now + STARTED_MS_MIN)).toMatchObject({ status: 'PROCESSED' });
  });

  it('has a new count of starts when it is submitted again', async () => {
    const identifier = identifierNumber(3030);
    const now = Date.now();
    await submitted(identifier, now);
    await startAndDie(identifier, now, STARTS_MAX);
    await work(identifier, now + STARTED_MS_MIN);
    await submitted(identifier, now + HOUR);
    expect(await record(identifier)).toMatchObject({ status: 'PENDING', attempt: 2 });
    expect(await record(identifier)).not.toHaveProperty('starts');
  });
});

it('an import whose deliveries were throttled more often than the limit of starts is PROCESSED after the throttling', async () => {
  const QueueUrl = host.endpoints.queues['imports']!;
  const throttled = identifierNumber(3050);
  // A returned batch is then redelivered at once.
  await host.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '0' } }));
  host.reserve('worker', 0);
  const json = guideRequest({ identifier: throttled });
  expect((await send(host, 'POST', `${SUPPLY_POINTS}/`, { token: host.token, json })).status).toBe(201);
  const deliveries = async () => {
    const receive = { QueueUrl, MessageSystemAttributeNames: ['All' as const], VisibilityTimeout: 0 };
    const { Messages = [] } = await host.sqs.send(new ReceiveMessageCommand(receive));
    return Math.max(0, ...Messages.map(({ Attributes }) => Number(Attributes?.['ApproximateReceiveCount'])));
  };
  await expect.poll(deliveries, { timeout: 20_000 }).toBeGreaterThan(2 * STARTS_MAX);
  expect(await record(throttled)).toMatchObject({ status: 'PENDING' });
  expect(await record(throttled)).not.toHaveProperty('starts');
  await host.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '60' } }));
  host.reserve('worker', undefined);
  await statusOf(host, throttled, ['PROCESSED']);
  expect(await record(throttled)).toMatchObject({ starts: 1, attempt: 1 });
});

describe('an import whose message used up its deliveries', () => {
  const exhaust = (identifier: string, now: number) =>
    exhaustImport(dependencies())(keyOf(identifier), 1, now);

  it('stays open if no delivery reached a worker, and fails with schedule_window_missed after its window closed', async () => {
    const identifier = identifierNumber(3040);
    const now = Date.now();
    await submitted(identifier, now, { schedule_window_end: new Date(now + HOUR).toISOString() });
    expect(await exhaust(identifier, now + HOUR - 1)).toEqual({ kind: 'left_open' });
    expect(await record(identifier)).toMatchObject({ status: 'PENDING' });
    expect(await exhaust(identifier, now + HOUR)).toMatchObject({
      kind: 'ended',
      error: { code: 'schedule_window_missed' },
    });
  });

  it('is ERRORED when its starts are used up, and can be submitted again', async () => {
    const identifier = identifierNumber(7);
    const now = Date.now();
    await submitted(identifier, now);
    await useUpStarts(host, keyOf(identifier));
    expect(await exhaust(identifier, now + HOUR)).toMatchObject({ kind: 'ended', status: 'ERRORED' });
    expect(await record(identifier)).toMatchObject({ latest_error: { code: 'import_attempts_exhausted' } });
    expect(await exhaust(identifier, now + HOUR)).toMatchObject({ kind: 'nothing_to_do', because: 'ended' });
    expect(await submitted(identifier, now + HOUR)).toMatchObject({ kind: 'scheduled', attempt: 2 });
  });

  it('is not finished while a worker holds its lease', async () => {
    const identifier = identifierNumber(8);
    const now = Date.now();
    await submitted(identifier, now);
    await dependencies().imports.claim({ key: keyOf(identifier), attempt: 1, ...run(now, 'alive') });
    expect(await exhaust(identifier, now)).toEqual({ kind: 'look_again' });
  });

  it('is PROCESSED if a run created its supply point and did not finish', async () => {
    const identifier = identifierNumber(9);
    const now = Date.now();
    await submitted(identifier, now);
    await useUpStarts(host, keyOf(identifier));
    const { payload } = (await record(identifier))!;
    await dependencies().supplyPoints.create({
      identifier,
      kraken_identifier: krakenIdentifier(identifier),
      import_supplier: 'TEST_SUPPLIER',
      attempt: 1,
      created_at: now,
      payload: payload as Uint8Array<ArrayBuffer>,
    });
    expect(await exhaust(identifier, now + HOUR)).toMatchObject({ kind: 'ended', status: 'PROCESSED' });
  });

  it('is handled by the dead-letter function after its queue moves the message', async () => {
    const identifier = identifierNumber(10);
    await submitted(identifier, Date.now());
    await useUpStarts(host, keyOf(identifier));
    const body = JSON.stringify({
      import_supplier: 'TEST_SUPPLIER',
      external_identifier: identifier,
      attempt: 1,
    });
    const Entries = [
      { Id: '0', MessageBody: body },
      { Id: '1', MessageBody: 'no import’s message' },
    ];
    await host.sqs.send(
      new SendMessageBatchCommand({ QueueUrl: host.endpoints.queues['imports-dead-letter']!, Entries }),
    );
    expect(await statusOf(host, identifier, ['ERRORED'])).toMatchObject({
      latest_error: { code: 'import_attempts_exhausted', domain: 'import_process' },
    });
    await expect
      .poll(() => host.logs('dead-letter').filter((line) => line.includes('names no import')).length)
      .toBe(1);
  });
});

it('an import whose window closed before its first start is ERRORED', async () => {
  const identifier = identifierNumber(11);
  const now = Date.now();
  const window = { schedule_window_end: new Date(now + 60 * SECOND).toISOString() };
  await submitted(identifier, now, window);
  const late = run(now + 60 * SECOND, 'late');
  expect(await processImport(dependencies().stores)(keyOf(identifier), 1, late)).toMatchObject({
    status: 'ERRORED',
    error: { code: 'schedule_window_missed' },
  });
});

it('an import whose data is no longer valid is ERRORED, and the detail names the validation endpoint', async () => {
  const identifier = identifierNumber(12);
  const now = Date.now();
  const { imports, nowhere, stores } = dependencies();
  const payload = guideRequest({ identifier }).payload as never as { accounts: { account_type: string }[] };
  payload.accounts[0]!.account_type = 'Mickey';
  const submit = submitImport({ store: imports, queue: nowhere });
  await submit(payload as never, { isDryRun: false, windowStart: null, windowEnd: null }, now);
  await processImport(stores)(keyOf(identifier), 1, run(now, 'a'));
  expect((await record(identifier))?.latest_error).toEqual({
    code: 'import_process_failed_validation',
    detail:
      'Import process validation failed during supply point creation. ' +
      'Please validate the import process to get full details of the validation errors.',
    domain: 'import_process',
  });
});
