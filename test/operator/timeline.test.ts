import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isoTime } from '../../functions/edge/iso-time.ts';
import { SUPPLY_POINTS, send, startTestHost, type TestHost } from '../support/host.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';
import { operator } from './imports.ts';

let host: TestHost;
let asOperator: ReturnType<typeof operator>;
beforeAll(async () => {
  host = await startTestHost();
  asOperator = operator(host);
});
afterAll(() => host.stop());

const NOT_FOUND = {
  status: 404,
  body: { detail: 'The requested resource was not found.', code: 'not_found' },
};

describe('an import’s history', () => {
  it('lists each event with its time, attempt and error', async () => {
    const identifier = identifierNumber(1);
    await asOperator.createExhausted(identifier);
    await asOperator.retry(identifier);
    const status = await asOperator.statusOf(identifier, ['PROCESSED']);
    const error = {
      code: 'import_attempts_exhausted',
      detail: 'The import failed each time it was tried.',
      domain: 'import_process',
    };
    const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+1[01]:00$/);
    const history = await asOperator.history(identifier);
    expect(history).toEqual([
      { at: status['created_at'], event: 'submitted', attempt: 1, status: 'PENDING', error: null },
      { at, event: 'ended', attempt: 1, status: 'ERRORED', error },
      { at, event: 'retried', attempt: 2, status: 'PENDING', error: null },
      { at, event: 'started', attempt: 2, status: 'IN_PROGRESS', error: null },
      { at: status['modified_at'], event: 'ended', attempt: 2, status: 'PROCESSED', error: null },
    ]);
    const times = history.map((event) => event.at);
    expect(times).toEqual([...times].sort());
  });

  it('lists a replaced submission, and no event for an identical one', async () => {
    const identifier = identifierNumber(2);
    const schedule_window_start = new Date(Date.now() + 3_600_000).toISOString();
    await asOperator.create(identifier, { schedule_window_start });
    await asOperator.create(identifier, { schedule_window_start });
    await asOperator.create(identifier, { schedule_window_start, is_dry_run: true });
    const events = (await asOperator.history(identifier)).map(({ event, attempt }) => [event, attempt]);
    expect(events).toEqual([
      ['submitted', 1],
      ['replaced', 1],
    ]);
  });

  it('has the is_dry_run and schedule window of the last submission', async () => {
    const identifier = identifierNumber(4);
    const hoursFromNow = (hours: number) => Date.now() + hours * 3_600_000;
    const [start, end] = [hoursFromNow(1), hoursFromNow(30)];
    const history = async () => (await asOperator.request('GET', `${identifier}/history/`)).body;
    await asOperator.create(identifier, {
      is_dry_run: true,
      schedule_window_start: new Date(start).toISOString(),
      schedule_window_end: new Date(end).toISOString(),
    });
    expect(await history()).toEqual({
      drops: [],
      is_dry_run: true,
      schedule_window_start: isoTime(start, 'Australia/Sydney'),
      schedule_window_end: isoTime(end, 'Australia/Sydney'),
      results: [expect.objectContaining({ event: 'submitted' })],
    });
    const status = await asOperator.request('GET', `${identifier}/`);
    expect(Object.keys(status.body as object)).toEqual([
      'status',
      'kraken_identifier',
      'created_at',
      'modified_at',
      'latest_error',
    ]);

    await asOperator.create(identifier);
    const submitted = Date.parse(String((await asOperator.history(identifier)).at(1)!.at));
    expect(await history()).toMatchObject({
      is_dry_run: false,
      schedule_window_start: isoTime(submitted, 'Australia/Sydney'),
      schedule_window_end: isoTime(submitted + 4 * 24 * 3_600_000, 'Australia/Sydney'),
    });
  });

  it('is readable by every role of the supplier and returns 404 to others', async () => {
    const identifier = identifierNumber(3);
    await asOperator.createWaiting(identifier);
    const path = `${identifier}/history/`;
    expect((await asOperator.request('GET', path, host.viewerToken)).status).toBe(200);
    expect((await asOperator.request('GET', path.slice(0, -1), host.viewerToken)).status).toBe(200);
    const foreign = await host.tokenFor(['CLOSED_SUPPLIER']);
    expect(await asOperator.request('GET', path, foreign)).toMatchObject(NOT_FOUND);
    expect(await asOperator.request('GET', 'NOTHING/history/')).toMatchObject(NOT_FOUND);
    expect((await asOperator.request('POST', path)).status).toBe(405);
    expect((await asOperator.request('GET', path, 'nonsense')).status).toBe(401);
  });
});

describe('the created supply point', () => {
  it('has the validated accounts, customers and outage contact', async () => {
    const identifier = identifierNumber(10);
    await asOperator.create(identifier);
    const { kraken_identifier, modified_at } = await asOperator.statusOf(identifier, ['PROCESSED']);
    const validated = await send(host, 'POST', `${SUPPLY_POINTS}/validate/`, {
      token: host.token,
      json: guideRequest({ identifier }),
    });
    const { status, body } = await asOperator.created(identifier);
    expect(status).toBe(200);
    expect(body).toEqual({
      kraken_identifier,
      attempt: 1,
      created_at: expect.any(String),
      ...(validated.body as object),
    });
    expect((body as { created_at: string }).created_at <= String(modified_at)).toBe(true);
    expect(body).toMatchObject({
      supply_point: { identifier },
      accounts: [{ customers: [{ family_name: 'Mouse' }], outage_contact: { phone_1: expect.anything() } }],
    });
  });

  it('returns 404 before it exists, and if another supplier’s import created it', async () => {
    const [waiting, theirs] = [identifierNumber(11), identifierNumber(12)];
    await asOperator.createWaiting(waiting);
    expect(await asOperator.created(waiting)).toMatchObject(NOT_FOUND);

    await host.registered.putSupplier({ code: 'OTHER_SUPPLIER', migration: 'open' });
    const token = await host.tokenFor(['OTHER_SUPPLIER'], { role: 'operator' });
    const other = operator({ ...host, token }, 'OTHER_SUPPLIER');
    await other.create(theirs);
    await other.statusOf(theirs, ['PROCESSED']);
    await asOperator.create(theirs);
    await asOperator.statusOf(theirs, ['ERRORED']);
    expect(await asOperator.created(theirs)).toMatchObject(NOT_FOUND);
    expect((await other.created(theirs)).status).toBe(200);
    const ours = await host.tokenFor(['TEST_SUPPLIER'], { role: 'operator' });
    expect(await other.created(theirs, ours)).toMatchObject(NOT_FOUND);
    expect(await asOperator.created('NOTHING')).toMatchObject(NOT_FOUND);
  });

  it('returns 403 to importers and viewers', async () => {
    const identifier = identifierNumber(10);
    const importer = await host.tokenFor(['TEST_SUPPLIER']);
    for (const token of [host.viewerToken, importer]) {
      expect(await asOperator.created(identifier, token)).toMatchObject({
        status: 403,
        body: { code: 'permission_denied' },
      });
    }
  });
});
