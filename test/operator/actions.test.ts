import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestHost, type TestHost } from '../support/host.ts';
import { identifierNumber } from '../support/requests.ts';
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
const FORBIDDEN = { status: 403, body: { code: 'permission_denied' } };
const eventsOf = async (identifier: string) =>
  (await asOperator.history(identifier)).map(({ event, attempt }) => `${event} ${attempt}`);
const tenAtOnce = <T>(act: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: 10 }, act));

describe('cancel', () => {
  it('finishes a PENDING import and returns its status', async () => {
    const identifier = identifierNumber(1);
    await asOperator.createWaiting(identifier);
    const reply = await asOperator.cancel(identifier);
    expect(reply).toMatchObject({ status: 200, body: { status: 'CANCELLED', latest_error: null } });
    expect(await asOperator.statusOf(identifier, ['CANCELLED'])).toEqual(reply.body);
    expect(await eventsOf(identifier)).toEqual(['submitted 1', 'cancelled 1']);
  });

  it('is idempotent, also in ten concurrent requests', async () => {
    const identifier = identifierNumber(2);
    await asOperator.createWaiting(identifier);
    const replies = await tenAtOnce(() => asOperator.cancel(identifier));
    expect(new Set(replies.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect((await asOperator.cancel(identifier)).text).toBe(replies[0]!.text);
    expect(await eventsOf(identifier)).toEqual(['submitted 1', 'cancelled 1']);
  });

  it('prevents the start of an import whose window opens a moment later', async () => {
    const identifier = identifierNumber(3);
    const opens = Date.now() + 1000;
    await asOperator.create(identifier, { schedule_window_start: new Date(opens).toISOString() });
    expect((await asOperator.cancel(identifier)).status).toBe(200);
    const isIgnored = () =>
      host.logs('worker').some((line) => line.includes(identifier) && line.includes('"ended"'));
    await expect.poll(isIgnored, { timeout: 60_000 }).toBe(true);
    expect(await asOperator.statusOf(identifier, ['CANCELLED'])).toMatchObject({ kraken_identifier: null });
    expect(await asOperator.created(identifier)).toMatchObject(NOT_FOUND);
  });

  it('returns 409 with the status for a PROCESSED import', async () => {
    const identifier = identifierNumber(4);
    await asOperator.create(identifier);
    await asOperator.statusOf(identifier, ['PROCESSED']);
    expect(await asOperator.cancel(identifier)).toMatchObject({
      status: 409,
      body: {
        detail: `The import process with the supply point identifier ${identifier} is PROCESSED and cannot be cancelled.`,
        code: 'import_process_cannot_be_cancelled',
        status: 'PROCESSED',
      },
    });
  });

  it('allows a new submission afterwards', async () => {
    const identifier = identifierNumber(5);
    await asOperator.createWaiting(identifier);
    await asOperator.cancel(identifier);
    await asOperator.create(identifier);
    await asOperator.statusOf(identifier, ['PROCESSED']);
    expect((await asOperator.history(identifier)).at(-1)).toMatchObject({ attempt: 2, status: 'PROCESSED' });
  });

  it('in a race with workers finishes the import once and returns the actual outcome', async () => {
    const identifiers = Array.from({ length: 20 }, (_, index) => identifierNumber(100 + index));
    await Promise.all(
      identifiers.map(async (identifier) => {
        await asOperator.create(identifier);
        const { status, body } = await asOperator.cancel(identifier);
        const final = await asOperator.statusOf(identifier, ['PROCESSED', 'CANCELLED']);
        if (status === 200) expect(final).toEqual(body);
        else expect([status, final['status']]).toEqual([409, 'PROCESSED']);
        const outcomes = (await asOperator.history(identifier)).filter(({ event }) =>
          /ended|cancelled/.test(event),
        );
        expect(outcomes).toHaveLength(1);
      }),
    );
  });
});

describe('retry', () => {
  it('starts an ERRORED import again with its payload and returns its status', async () => {
    const identifier = identifierNumber(10);
    await asOperator.createExhausted(identifier);
    const reply = await asOperator.retry(identifier);
    expect(reply).toMatchObject({ status: 200, body: { status: 'PENDING', latest_error: null } });
    expect(await asOperator.statusOf(identifier, ['PROCESSED'])).toMatchObject({ latest_error: null });
    expect(await eventsOf(identifier)).toEqual([
      'submitted 1',
      'ended 1',
      'retried 2',
      'started 2',
      'ended 2',
    ]);
    expect(await asOperator.created(identifier)).toMatchObject({ status: 200, body: { attempt: 2 } });
  });

  it('starts one attempt for ten concurrent requests and returns 200 to each', async () => {
    const identifier = identifierNumber(11);
    await asOperator.createExhausted(identifier);
    const replies = await tenAtOnce(() => asOperator.retry(identifier));
    expect(replies.map(({ status }) => status)).toEqual(Array(10).fill(200));
    await asOperator.statusOf(identifier, ['PROCESSED']);
    const retried = (await asOperator.history(identifier)).filter(({ event }) => event === 'retried');
    expect(retried).toMatchObject([{ attempt: 2, status: 'PENDING' }]);
  });

  it('repeats an errored dry run as a dry run', async () => {
    const identifier = identifierNumber(12);
    await asOperator.createExhausted(identifier, { is_dry_run: true });
    expect((await asOperator.retry(identifier)).status).toBe(200);
    await asOperator.statusOf(identifier, ['DRY_RUN_SUCCEEDED']);
    expect(await asOperator.created(identifier)).toMatchObject(NOT_FOUND);
  });

  it('may fail again in another attempt and be repeated', async () => {
    const identifier = identifierNumber(13);
    await host.registered.putSupplier({ code: 'FIRST_SUPPLIER', migration: 'open' });
    const first = operator({ ...host, token: await host.tokenFor(['FIRST_SUPPLIER']) }, 'FIRST_SUPPLIER');
    await first.create(identifier);
    await first.statusOf(identifier, ['PROCESSED']);
    await asOperator.create(identifier);
    for (const attempt of [1, 2, 3]) {
      await asOperator.statusOf(identifier, ['ERRORED']);
      const last = (await asOperator.history(identifier)).at(-1);
      expect(last).toMatchObject({ attempt, error: { code: 'supply_point_already_exists' } });
      if (attempt < 3) expect(await asOperator.retry(identifier)).toMatchObject({ status: 200 });
    }
  });

  it.each(['PENDING', 'CANCELLED', 'PROCESSED', 'DRY_RUN_SUCCEEDED'])(
    'returns 409 with the status for a %s import',
    async (status) => {
      const identifier = identifierNumber(20 + status.length);
      if (status === 'PROCESSED') await asOperator.create(identifier);
      else if (status === 'DRY_RUN_SUCCEEDED') await asOperator.create(identifier, { is_dry_run: true });
      else await asOperator.createWaiting(identifier);
      if (status === 'CANCELLED') await asOperator.cancel(identifier);
      await asOperator.statusOf(identifier, [status]);
      expect(await asOperator.retry(identifier)).toMatchObject({
        status: 409,
        body: {
          detail: `The import process with the supply point identifier ${identifier} is ${status} and cannot be retried.`,
          code: 'import_process_cannot_be_retried',
          status,
        },
      });
    },
  );
});

describe('permissions of actions', () => {
  const ACTIONS = ['x/cancel/', 'x/retry/', 'redrive/'];

  it.each(['viewer', 'importer'] as const)('return 403 to a %s', async (role) => {
    const token = await host.tokenFor(['TEST_SUPPLIER'], { role });
    for (const path of ACTIONS)
      expect(await asOperator.request('POST', path, token)).toMatchObject(FORBIDDEN);
    expect(await asOperator.created('x', token)).toMatchObject(FORBIDDEN);
  });

  it('return 404 for imports of another or an unknown supplier', async () => {
    const identifier = identifierNumber(40);
    await asOperator.createWaiting(identifier);
    const foreign = await host.tokenFor(['CLOSED_SUPPLIER'], { role: 'operator' });
    for (const path of ACTIONS) {
      expect(await asOperator.request('POST', path.replace('x', identifier), foreign)).toMatchObject(
        NOT_FOUND,
      );
    }
    for (const path of ['x/cancel/', 'x/retry/', `${'x'.repeat(3000)}/cancel/`]) {
      expect(await asOperator.request('POST', path)).toMatchObject(NOT_FOUND);
    }
    for (const path of ACTIONS) {
      expect(await operator(host, 'NO_SUPPLIER').request('POST', path)).toMatchObject(NOT_FOUND);
    }
    await asOperator.statusOf(identifier, ['PENDING']);
  });

  it('return 401 with an invalid token and 405 to GET', async () => {
    for (const path of ACTIONS) {
      expect((await asOperator.request('POST', path, 'nonsense')).status).toBe(401);
      expect((await asOperator.request('GET', path)).status).toBe(405);
    }
  });

  it('are the same without the trailing slash', async () => {
    const identifier = identifierNumber(41);
    await asOperator.createWaiting(identifier);
    expect((await asOperator.request('POST', `${identifier}/cancel`)).status).toBe(200);
  });
});
