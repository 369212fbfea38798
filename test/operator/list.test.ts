import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IMPORT_STATUSES } from '../../shared/imports/import-process.ts';
import { startTestHost, type TestHost } from '../support/host.ts';
import { identifierNumber } from '../support/requests.ts';
import { type ListedImport, type ListReply, operator } from './imports.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

let suppliers = 0;
/** An operator of a supplier that nothing was submitted for. */
async function newSupplier() {
  const code = `SUPPLIER_${++suppliers}`;
  await host.registered.putSupplier({ code, migration: 'open' });
  return operator({ ...host, token: await host.tokenFor([code], { role: 'operator' }) }, code);
}
const numbers = (count: number) => Array.from({ length: count }, (_, index) => identifierNumber(index));
const identifiersOf = ({ body }: ListReply) => body.results.map((each) => each.external_identifier);

/** All pages of a list; `between` runs after each. */
async function paged(
  asked: ReturnType<typeof operator>,
  query: Record<string, string>,
  between: () => Promise<unknown> = async () => {},
): Promise<ListedImport[][]> {
  const pages: ListedImport[][] = [];
  let cursor: string | null = null;
  do {
    const reply: ListReply = await asked.list({ ...query, ...(cursor !== null && { cursor }) });
    expect(reply.status).toBe(200);
    pages.push(reply.body.results);
    cursor = reply.body.next_cursor;
    await between();
  } while (cursor !== null);
  return pages;
}

describe('a list', () => {
  it('of a supplier without imports is empty', async () => {
    const asked = await newSupplier();
    expect((await asked.list()).body).toEqual({ results: [], next_cursor: null });
  });

  it('tells of each import what its status does, newest change first', async () => {
    const asked = await newSupplier();
    const [first, second, third] = numbers(3) as [string, string, string];
    await asked.createWaiting(first);
    await asked.createWaiting(second);
    await asked.createWaiting(third);
    expect(identifiersOf(await asked.list())).toEqual([third, second, first]);
    await asked.cancel(second);
    const reply = await asked.list();
    expect(identifiersOf(reply)).toEqual([second, third, first]);
    expect(reply.body.results[0]).toEqual({
      external_identifier: second,
      ...(await asked.statusOf(second, ['CANCELLED'])),
    });
  });

  it('may be of one status', async () => {
    const asked = await newSupplier();
    const [pending, cancelled, processed, errored, dryRun, dryErrored] = numbers(6) as [
      ...[string, string, string],
      ...[string, string, string],
    ];
    await asked.createWaiting(pending);
    await asked.createWaiting(cancelled);
    await asked.cancel(cancelled);
    await asked.createExhausted(errored);
    await asked.createExhausted(dryErrored, { is_dry_run: true });
    await asked.create(dryRun, { is_dry_run: true });
    await asked.statusOf(dryRun, ['DRY_RUN_SUCCEEDED']);
    await asked.create(processed);
    await asked.statusOf(processed, ['PROCESSED']);
    const expected: Record<string, string[]> = {
      PENDING: [pending],
      IN_PROGRESS: [],
      PROCESSED: [processed],
      ERRORED: [errored],
      DRY_RUN_SUCCEEDED: [dryRun],
      DRY_RUN_ERRORED: [dryErrored],
      CANCELLED: [cancelled],
    };
    for (const status of IMPORT_STATUSES) {
      expect([status, ...identifiersOf(await asked.list({ status }))]).toEqual([
        status,
        ...expected[status]!,
      ]);
    }
    expect(identifiersOf(await asked.list())).toHaveLength(6);
  });

  it('comes in pages of the size that is asked for, twenty unless it is', async () => {
    const asked = await newSupplier();
    const identifiers = numbers(25);
    await Promise.all(identifiers.map((identifier) => asked.createWaiting(identifier)));
    const pages = await paged(asked, { page_size: '10' });
    expect(pages.map((page) => page.length)).toEqual([10, 10, 5]);
    expect((await paged(asked, {})).map((page) => page.length)).toEqual([20, 5]);
    expect((await paged(asked, { page_size: '25', status: 'PENDING' })).map((page) => page.length)).toEqual([
      25,
    ]);
    const listed = pages.flat();
    expect(listed.map((each) => each.external_identifier).sort()).toEqual(identifiers);
    const changes = listed.map(({ modified_at }) => modified_at);
    expect(changes).toEqual([...changes].sort().reverse());
  });

  it('shows everything that does not change exactly once, while much of it does', async () => {
    const asked = await newSupplier();
    const identifiers = numbers(30);
    await Promise.all(identifiers.map((identifier) => asked.createWaiting(identifier)));
    const changing = identifiers.filter((_, index) => index % 3 === 0);
    const remaining = [...changing];
    const pages = await paged(asked, { page_size: '7' }, async () => {
      await asked.create(identifierNumber(1000 + remaining.length));
      for (const identifier of remaining.splice(0, 3)) await asked.cancel(identifier);
    });
    const shown = pages.flat().map((each) => each.external_identifier);
    expect(new Set(shown).size).toBe(shown.length);
    const unchanged = identifiers.filter((identifier) => !changing.includes(identifier));
    expect(shown).toEqual(expect.arrayContaining(unchanged));
  });
});

describe('what a list is not asked for rightly', () => {
  const INVALID = { status: 400, body: { cursor: ['Invalid cursor.'] } };
  const OF_ANOTHER = { status: 400, body: { cursor: ['The cursor is from another list.'] } };

  it('is told: an unknown status with those that there are, a page size out of range', async () => {
    const asked = await newSupplier();
    const choices = IMPORT_STATUSES.join(', ');
    expect(await asked.list({ status: 'DONE' })).toMatchObject({
      status: 400,
      body: { status: [`"DONE" is not a valid choice. Valid choices are ${choices}.`] },
    });
    for (const page_size of ['0', '101', 'x', '']) {
      expect(await asked.list({ page_size })).toMatchObject({
        status: 400,
        body: { page_size: [expect.any(String)] },
      });
    }
    expect((await asked.ask('GET', '?status=ERRORED&status=PENDING')).status).toBe(400);
    expect((await asked.ask('GET', '?format=json&%=%&x[]=')).status).toBe(200);
  });

  it('is told: a cursor that is broken, or from another list', async () => {
    const asked = await newSupplier();
    for (const identifier of numbers(3)) await asked.createWaiting(identifier);
    const { body } = await asked.list({ page_size: '1' });
    const cursor = body.next_cursor!;
    expect((await asked.list({ cursor, page_size: '2' })).body.results).toHaveLength(2);
    for (const broken of ['', 'x', cursor.slice(1), cursor.slice(0, -1), `${cursor}A`, `${cursor}=`, 'é']) {
      expect(await asked.list({ cursor: broken })).toMatchObject(INVALID);
    }
    expect(await asked.list({ cursor, status: 'PENDING' })).toMatchObject(OF_ANOTHER);
    expect(await (await newSupplier()).list({ cursor })).toMatchObject(OF_ANOTHER);
  });
});

describe('who may list', () => {
  it('is everybody who may use the supplier', async () => {
    const asked = operator(host);
    for (const role of ['viewer', 'importer', 'operator'] as const) {
      const token = await host.tokenFor(['TEST_SUPPLIER'], { role });
      expect((await asked.list({}, token)).status).toBe(200);
      expect((await asked.ask('GET', '', token)).status).toBe(200);
    }
  });

  it('is nobody else: the supplier is not found, as if there were none', async () => {
    const NOT_FOUND = { status: 404, body: { code: 'not_found' } };
    const foreign = await host.tokenFor(['CLOSED_SUPPLIER'], { role: 'operator' });
    expect(await operator(host).list({}, foreign)).toMatchObject(NOT_FOUND);
    expect(await operator(host).list({ status: 'x' }, foreign)).toMatchObject(NOT_FOUND);
    expect(await operator(host, '__proto__').list()).toMatchObject(NOT_FOUND);
    expect((await operator(host).list({}, 'nonsense')).status).toBe(401);
  });
});
